"""Native OpenCV on one thread, as a child process of bench/kernel.ts that holds the frames.

Reads from standard input: a line of JSON with the cascade and the frames' sizes, then the frames' gray bytes, then one
line of JSON per search: frame, scaleFactor, minNeighbors, minSize. Answers each with a line of JSON: ms and boxes.
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
    ask = json.loads(line)
    least = (ask["minSize"], ask["minSize"])
    started = time.perf_counter()
    boxes = cascade.detectMultiScale(frames[ask["frame"]], ask["scaleFactor"], ask["minNeighbors"], 0, least)
    ms = (time.perf_counter() - started) * 1000
    print(json.dumps({"ms": ms, "boxes": [[int(part) for part in box] for box in boxes]}), flush=True)
