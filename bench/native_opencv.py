"""Does the detector's job with native OpenCV: searches every frame of a clip and writes every face as a colour PNG.

With --model it searches the colours of the frame with FaceDetectorYN instead of the gray values with a cascade.
It takes the detector's flags and reads the same bytes from ffmpeg. It searches the gray values of ffmpeg's
`-pix_fmt gray`: a table expands video luma to the full range. The PNGs have no metadata and no hash and are not flushed.
With --boxes it writes no files, and with a cascade it reads gray frames from ffmpeg, for the comparison of boxes.
Prints one line of JSON: frames, seconds, and the boxes of every frame.
"""
import argparse
import json
import os
import subprocess
import sys
import time

import cv2
import numpy as np

FULL_FROM_VIDEO = np.clip(np.floor((np.arange(256) - 16) * 255 / 219 + 0.5), 0, 255).astype(np.uint8)


def read_settings():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--cascade")
    parser.add_argument("--model", help="YuNet's ONNX file; instead of --cascade")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--out")
    parser.add_argument("--boxes", action="store_true")
    parser.add_argument("--scale-factor", type=float, default=1.3)
    parser.add_argument("--min-neighbors", type=int, default=5)
    parser.add_argument("--min-size", type=int, default=0)
    parser.add_argument("--margin", type=float, default=0.2)
    parser.add_argument("--threads", type=int, default=0, help="number of threads; 0: default of OpenCV")
    parser.add_argument("--ffmpeg-options", default="")
    parser.add_argument("--size", help="scale frames to WxH")
    return parser.parse_args()


def start_ffmpeg(settings):
    scale = f"scale={settings.size.replace('x', ':')}," if settings.size else ""
    pixels = ["-vf", f"{scale}format=yuv420p|yuvj420p", *(["-pix_fmt", "gray"] if settings.boxes and settings.cascade else [])]
    source = [*settings.ffmpeg_options.split(), "-i", f"file:{settings.source}", "-map", "0:v:0"]
    output = ["-fps_mode", "passthrough", "-strict", "-1", "-f", "yuv4mpegpipe", "pipe:1"]
    command = ["ffmpeg", "-v", "error", "-nostdin", *source, *pixels, *output]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)


def read_frames(stream):
    """Yields (gray, planes) for each frame of a YUV4MPEG2 stream; planes has the layout I420 of cv2."""
    header = stream.readline().decode("latin1").split()
    width, height = (int(next(word[1:] for word in header if word[0] == letter)) for letter in "WH")
    mono = "Cmono" in header
    if not mono and (width % 2 or height % 2):
        sys.exit("cannot read the clip: cv2 supports I420 of even sizes only\nTry: use a clip with an even width and height")
    buffer = np.empty((height if mono else height * 3 // 2, width), np.uint8)
    is_full_range = mono or "XCOLORRANGE=FULL" in header
    while stream.readline().startswith(b"FRAME"):
        if stream.readinto(memoryview(buffer).cast("B")) < buffer.size:
            return
        luma = buffer[:height]
        yield (luma if is_full_range else cv2.LUT(luma, FULL_FROM_VIDEO)), buffer


def crop(colour, box, margin):
    x, y, width, height = box
    grow_x, grow_y = int(width * margin + 0.5), int(height * margin + 0.5)
    return colour[max(0, y - grow_y):y + height + grow_y, max(0, x - grow_x):x + width + grow_x]


def cascade_search(settings):
    """Returns a function that finds boxes in a frame."""
    cascade = cv2.CascadeClassifier(settings.cascade)
    smallest = (settings.min_size, settings.min_size)
    return lambda gray, _: cascade.detectMultiScale(gray, settings.scale_factor, settings.min_neighbors, 0, smallest)


def yunet_search(settings):
    """The same with FaceDetectorYN; boxes end at the edges of the frame, as the detector's do."""
    detectors = {}

    def search(gray, planes):
        height, width = gray.shape
        if (width, height) not in detectors:
            detectors[width, height] = cv2.FaceDetectorYN.create(settings.model, "", (width, height), 0.7, 0.3)
        faces = detectors[width, height].detect(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420))[1]
        boxes = []
        for x, y, w, h in [] if faces is None else faces[:, :4].astype(float):
            left, right = (int(min(max(round(side), 0), width)) for side in (x, x + w))
            top, bottom = (int(min(max(round(side), 0), height)) for side in (y, y + h))
            boxes.append((left, top, right - left, bottom - top))
        return boxes

    return search


def main():
    settings = read_settings()
    if settings.threads:
        cv2.setNumThreads(settings.threads)
    search = yunet_search(settings) if settings.model else cascade_search(settings)
    if settings.out:
        os.makedirs(settings.out, exist_ok=True)
    started, faces, found = time.monotonic(), 0, []
    ffmpeg = start_ffmpeg(settings)
    for gray, planes in read_frames(ffmpeg.stdout):
        boxes = search(gray, planes)
        found.append([[int(part) for part in box] for box in boxes])
        if len(boxes) > 0 and settings.out:
            colour = cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420)
            for box in boxes:
                faces += 1
                _, png = cv2.imencode(".png", crop(colour, box, settings.margin))
                with open(os.path.join(settings.out, f"{faces:08d}.png"), "wb") as file:
                    file.write(png)
    if ffmpeg.wait() != 0:
        sys.exit(f"ffmpeg ended with code {ffmpeg.returncode}")
    seconds = time.monotonic() - started
    print(json.dumps({"opencv": cv2.__version__, "frames": len(found), "seconds": seconds, "boxes": found}))


main()
