"""What the four programs of the homework share: brokers, topic and quality of service, from the environment."""
import os

import paho.mqtt.client as mqtt

TOPIC = "face_detection"
QOS = 0
HOST = "127.0.0.1"
EDGE_PORT = int(os.environ.get("EDGE_PORT", 1883))
CLOUD_PORT = int(os.environ.get("CLOUD_PORT", 1884))
KEEPALIVE_S = 60


def connect(port, on_message=None):
    """Opens a connection to a broker; with on_message it subscribes to the faces and says "ready" once it has."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    if on_message is not None:
        client.on_connect = lambda client, *_: client.subscribe(TOPIC, qos=QOS)
        client.on_subscribe = lambda *_: print("ready", flush=True)
        client.on_message = lambda client, userdata, message: on_message(message.payload)
    client.connect(HOST, port, KEEPALIVE_S)
    return client
