"""Makes heads.bin and faces.json, which yunet_detector_test.ts compares with, from onnxruntime and OpenCV.

pip install onnx onnxruntime opencv-python-headless==4.14.0.94 && python3 lib/yunet/expected/expected.py
(OpenCV 4.6, as in Debian 12, cannot read this model.)
"""
import json
import os

import cv2
import numpy as np
import onnx
import onnxruntime

FOLDER = os.path.dirname(os.path.abspath(__file__))
MODEL = os.path.join(FOLDER, "../model/face_detection_yunet_2023mar.onnx")
PICTURE = os.path.join(FOLDER, "../../camera/sample/astronaut.png")
# Values before the sigmoid of class and objectness, then box and landmarks, for each stride.
OUTPUTS = [["291", "327", "bbox_8", "kps_8"], ["303", "339", "bbox_16", "kps_16"], ["315", "351", "bbox_32", "kps_32"]]


def scaled(width, height):
    """As scaledPicture() in yunet_detector_test.ts: each pixel the nearest one."""
    picture = cv2.imread(PICTURE)
    rows = np.arange(height) * picture.shape[0] // height
    columns = np.arange(width) * picture.shape[1] // width
    return np.ascontiguousarray(picture[rows][:, columns])


def heads(picture):
    """The numbers of all cells for a picture, extended by zeros to multiples of 32."""
    model = onnx.load(MODEL)
    for dimension in (2, 3):
        model.graph.input[0].type.tensor_type.shape.dim[dimension].dim_param = f"size{dimension}"
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"cells of {output.name}"
    for kind, objectness, _, _ in OUTPUTS:
        for name in (kind, objectness):
            model.graph.output.append(onnx.helper.make_tensor_value_info(name, 1, None))
    height, width = picture.shape[:2]
    whole = np.zeros((1, 3, -height % 32 + height, -width % 32 + width), np.float32)
    whole[0, :, :height, :width] = picture.transpose(2, 0, 1)
    names = [name for stride in OUTPUTS for name in stride]
    values = dict(zip(names, onnxruntime.InferenceSession(model.SerializeToString()).run(names, {"input": whole})))
    return [np.concatenate([values[name][0] for name in stride], 1) for stride in OUTPUTS]


def faces(width, height):
    detector = cv2.FaceDetectorYN.create(MODEL, "", (width, height), 0.7, 0.3)
    found = detector.detect(scaled(width, height))[1]
    return [] if found is None else [[round(float(number), 4) for number in face] for face in found]


np.concatenate([head.reshape(-1) for head in heads(scaled(100, 90))]).astype("<f4").tofile(f"{FOLDER}/heads.bin")
sizes = [(640, 480), (320, 240), (333, 250), (100, 90), (31, 17)]
with open(f"{FOLDER}/faces.json", "w") as file:
    json.dump([{"width": width, "height": height, "faces": faces(width, height)} for width, height in sizes], file)
