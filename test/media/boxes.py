"""Prints the boxes that native OpenCV finds, for every frame of pictures and clips, as one line of JSON.

Usage: boxes.py CASCADE SEARCHES NAME=FILE..., where SEARCHES is JSON: {"name": {"scaleFactor": ..., ...}, ...}.
The gray plane of a picture is cv2's, that of a clip is ffmpeg's, so that both programs search the same bytes.
"""
import hashlib
import json
import subprocess
import sys

import cv2
import numpy as np


def frames_of(path):
    """The gray planes of a picture (one) or of a clip (one for each frame)."""
    if path.endswith(".png"):
        yield cv2.cvtColor(cv2.imread(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2GRAY)
        return
    capture = cv2.VideoCapture(path)
    width, height = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    capture.release()
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:v:0",
               "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    ffmpeg = subprocess.Popen(command, stdout=subprocess.PIPE)
    while len(plane := ffmpeg.stdout.read(width * height)) == width * height:
        yield np.frombuffer(plane, np.uint8).reshape(height, width)
    if ffmpeg.wait() != 0:
        sys.exit(f"ffmpeg ended with {ffmpeg.returncode}")


def boxes_in(cascade, gray, search):
    smallest = (search["minSize"], search["minSize"])
    found = cascade.detectMultiScale(gray, search["scaleFactor"], search["minNeighbors"], 0, smallest)
    return sorted([int(number) for number in box] for box in found)


def main():
    cascade = cv2.CascadeClassifier(sys.argv[1])
    searches = json.loads(sys.argv[2])
    truths = {}
    for argument in sys.argv[3:]:
        name, path = argument.split("=", 1)
        truth = {"opencv": cv2.__version__, "grayMd5": [], "boxes": {search: [] for search in searches}}
        for gray in frames_of(path):
            truth["grayMd5"].append(hashlib.md5(gray.tobytes()).hexdigest())
            for search, settings in searches.items():
                truth["boxes"][search].append(boxes_in(cascade, gray, settings))
        truths[name] = truth
    print(json.dumps(truths))


main()
