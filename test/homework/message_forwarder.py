"""Edge: publishes every face of the edge broker at the cloud broker."""
from settings import CLOUD_PORT, EDGE_PORT, QOS, TOPIC, connect

cloud = connect(CLOUD_PORT)
cloud.loop_start()
connect(EDGE_PORT, lambda png: cloud.publish(TOPIC, png, qos=QOS)).loop_forever()
