"""Searches frames with OpenCV, for instruction_count.ts: search_frames.py FRAMES CASCADE SEARCHES

Does what search_frames.ts does, one round of each search: SEARCHES is their list in JSON. FaceDetectorYN is left out:
Debian 12's OpenCV cannot read the network.
"""
import json
import os
import sys

import cv2
import numpy as np

WIDTH, HEIGHT = 640, 480

cv2.setNumThreads(1)
frames = np.fromfile(sys.argv[1], np.uint8).reshape(-1, HEIGHT * 3 // 2, WIDTH)[:, :HEIGHT]
frames = [np.ascontiguousarray(frame) for frame in frames]
cascade = cv2.CascadeClassifier(sys.argv[2])
marks = 0
for search in json.loads(sys.argv[3]):
    if "haar" not in search:
        continue
    haar = search["haar"]
    smallest = (haar["minSize"], haar["minSize"])
    some = frames[: search["frames"]]
    marks += 1
    os.umask(marks)
    found = [cascade.detectMultiScale(frame, haar["scaleFactor"], haar["minNeighbors"], 0, smallest) for frame in some]
    marks += 1
    os.umask(marks)
    boxes = [[[int(part) for part in box] for box in frame] for frame in found]
    print(json.dumps({"name": search["name"], "boxes": boxes, "opencv": cv2.__version__}), flush=True)
