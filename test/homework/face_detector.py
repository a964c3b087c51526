"""
Edge: publishes a PNG of every face in every frame. Usage: face_detector.py [FILE [--camera-speed]]; without FILE the first
camera. With --camera-speed a file is read no faster than a camera would be.
"""
import sys
import time

import cv2

from settings import EDGE_PORT, QOS, TOPIC, connect

CASCADE = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml"
SCALE_FACTOR = 1.3
MIN_NEIGHBORS = 5
SEND_TIMEOUT_S = 30


def main():
    source = cv2.VideoCapture(sys.argv[1] if len(sys.argv) > 1 else 0)
    if not source.isOpened():
        sys.exit(f"cannot open the source {sys.argv[1:]}")
    cascade = cv2.CascadeClassifier(CASCADE)
    client = connect(EDGE_PORT)
    client.loop_start()
    interval = 1 / source.get(cv2.CAP_PROP_FPS) if "--camera-speed" in sys.argv else 0
    begun = time.monotonic()
    frames = faces = 0
    message = None
    while True:
        read, frame = source.read()
        if not read:
            break
        frames += 1
        time.sleep(max(0, begun + frames * interval - time.monotonic()))
        gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        for x, y, width, height in cascade.detectMultiScale(gray, SCALE_FACTOR, MIN_NEIGHBORS):
            encoded, png = cv2.imencode(".png", frame[y:y + height, x:x + width])
            if encoded:
                message = client.publish(TOPIC, png.tobytes(), qos=QOS)
                faces += 1
    if message is not None:
        message.wait_for_publish(SEND_TIMEOUT_S)
    client.disconnect()
    client.loop_stop()
    print(f"frames={frames} faces={faces}", flush=True)


main()
