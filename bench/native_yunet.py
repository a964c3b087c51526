"""Native OpenCV's FaceDetectorYN on one thread: a child process of bench/kernel_yunet.ts that keeps the pictures in memory.

Reads from standard input: one line of JSON with the model, the minimum score and the sizes of the pictures, the RGB bytes
of the pictures, then one line of JSON per search: picture. Responds with one line of JSON: ms and faces (box, landmarks,
score).
"""
import json
import sys
import time

import cv2
import numpy as np

cv2.setNumThreads(1)
source = sys.stdin.buffer
setup = json.loads(source.readline())
pictures, detectors = [], {}
for width, height in setup["sizes"]:
    rgb = np.frombuffer(source.read(width * height * 3), np.uint8).reshape(height, width, 3)
    pictures.append(np.ascontiguousarray(rgb[:, :, ::-1]))
    if (width, height) not in detectors:
        detectors[width, height] = cv2.FaceDetectorYN.create(setup["model"], "", (width, height), setup["minScore"], 0.3)
print(json.dumps({"version": cv2.__version__}), flush=True)
for line in iter(source.readline, b""):
    picture = pictures[json.loads(line)["picture"]]
    detector = detectors[picture.shape[1], picture.shape[0]]
    started = time.perf_counter()
    faces = detector.detect(picture)[1]
    ms = (time.perf_counter() - started) * 1000
    print(json.dumps({"ms": ms, "faces": [] if faces is None else [[float(part) for part in face] for face in faces]}), flush=True)
