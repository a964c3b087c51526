"""Native OpenCV doing what our detector does: every frame of a clip searched, every face cut out in colour, PNG.

It takes the detector's own flags. It gets the bytes our detector gets from ffmpeg, searches them as ffmpeg's
`-pix_fmt gray` would give them (video luma is stretched by the same table), and writes PNGs into a folder, without
facts, hashes and flushes. With --boxes it writes nothing and reads ffmpeg's own gray: the boxes to compare with.
Prints one line of JSON: frames, faces, seconds, and the boxes of every frame.
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
    parser.add_argument("--cascade", required=True)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--out")
    parser.add_argument("--boxes", action="store_true")
    parser.add_argument("--scale-factor", type=float, default=1.3)
    parser.add_argument("--min-neighbors", type=int, default=5)
    parser.add_argument("--min-size", type=int, default=0)
    parser.add_argument("--margin", type=float, default=0.2)
    parser.add_argument("--threads", type=int, default=0, help="0: OpenCV's own default")
    parser.add_argument("--ffmpeg-options", default="")
    parser.add_argument("--size", help="WxH to scale to")
    return parser.parse_args()


def start_ffmpeg(settings):
    scale = f"scale={settings.size.replace('x', ':')}," if settings.size else ""
    pixels = ["-vf", f"{scale}format=yuv420p|yuvj420p", *(["-pix_fmt", "gray"] if settings.boxes else [])]
    source = [*settings.ffmpeg_options.split(), "-i", f"file:{settings.source}", "-map", "0:v:0"]
    output = ["-fps_mode", "passthrough", "-strict", "-1", "-f", "yuv4mpegpipe", "pipe:1"]
    command = ["ffmpeg", "-v", "error", "-nostdin", *source, *pixels, *output]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)


def read_frames(stream):
    """Gives (gray, planes) for each frame of a YUV4MPEG2 stream; planes is what cv2 calls I420."""
    header = stream.readline().decode("latin1").split()
    width, height = (int(next(word[1:] for word in header if word[0] == letter)) for letter in "WH")
    mono = "Cmono" in header
    if not mono and (width % 2 or height % 2):
        sys.exit("cv2 takes I420 of even sizes only\nTry: a clip of an even width and height")
    buffer = np.empty((height if mono else height * 3 // 2, width), np.uint8)
    as_it_is = mono or "XCOLORRANGE=FULL" in header
    while stream.readline().startswith(b"FRAME"):
        if stream.readinto(memoryview(buffer).cast("B")) < buffer.size:
            return
        luma = buffer[:height]
        yield (luma if as_it_is else cv2.LUT(luma, FULL_FROM_VIDEO)), buffer


def cut(colour, box, margin):
    x, y, width, height = box
    grow_x, grow_y = int(width * margin + 0.5), int(height * margin + 0.5)
    return colour[max(0, y - grow_y):y + height + grow_y, max(0, x - grow_x):x + width + grow_x]


def main():
    settings = read_settings()
    if settings.threads:
        cv2.setNumThreads(settings.threads)
    cascade = cv2.CascadeClassifier(settings.cascade)
    least = (settings.min_size, settings.min_size)
    if settings.out:
        os.makedirs(settings.out, exist_ok=True)
    started, faces, found = time.monotonic(), 0, []
    ffmpeg = start_ffmpeg(settings)
    for gray, planes in read_frames(ffmpeg.stdout):
        boxes = cascade.detectMultiScale(gray, settings.scale_factor, settings.min_neighbors, 0, least)
        found.append([[int(part) for part in box] for box in boxes])
        if len(boxes) > 0 and settings.out:
            colour = cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420)
            for box in boxes:
                faces += 1
                _, png = cv2.imencode(".png", cut(colour, box, settings.margin))
                with open(os.path.join(settings.out, f"{faces:08d}.png"), "wb") as file:
                    file.write(png)
    if ffmpeg.wait() != 0:
        sys.exit(f"ffmpeg ended with {ffmpeg.returncode}")
    seconds = time.monotonic() - started
    print(json.dumps({"opencv": cv2.__version__, "frames": len(found), "seconds": seconds, "boxes": found}))


main()
