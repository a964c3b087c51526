"""Native OpenCV on one thread: a child process of bench/kernel.ts that keeps the frames in memory.

Reads from standard input: one line of JSON with the cascade and the sizes of the frames, the gray bytes of the frames,
then one line of JSON per search: frame, scaleFactor, minNeighbors, minSize. Responds with one line of JSON: ms and boxes.
"""
import json
import sys
import time

import cv2
import numpy as np

cv2.setNumThreads(1)
source = sys.stdin.buffer
setup = json.loads(source.readline())
cascade = cv2.CascadeClassifier(setup["cascade"])
frames = []
for width, height in setup["sizes"]:
    frames.append(np.frombuffer(source.read(width * height), np.uint8).reshape(height, width))
print(json.dumps({"opencv": cv2.__version__}), flush=True)
for line in iter(source.readline, b""):
    request = json.loads(line)
    smallest = (request["minSize"], request["minSize"])
    started = time.perf_counter()
    boxes = cascade.detectMultiScale(frames[request["frame"]], request["scaleFactor"], request["minNeighbors"], 0, smallest)
    ms = (time.perf_counter() - started) * 1000
    print(json.dumps({"ms": ms, "boxes": [[int(part) for part in box] for box in boxes]}), flush=True)
