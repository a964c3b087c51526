"""A camera with one stream: GStreamer's RTSP server, which sends a clip without end.

    rtsp_server.py PORT FRAMES_PER_SECOND CLIP     CLIP: .h264 or .h265 with access unit delimiters, of byte-stream format

The clip stands where the wall clock puts it, so that the streams of two servers show the same at the same time. A client
gives the user and password of CAMERA_USER and CAMERA_PASSWORD, if they are set: by Digest authentication, as cameras ask
for it.
"""

import math
import os
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PATH = "/live"
# The first bytes of the delimiter of access units, and of the parameters before each key frame.
CODECS = {
    ".h264": ("h264", b"\0\0\0\1\x09", b"\0\0\1\x67"),
    ".h265": ("h265", b"\0\0\0\1\x46\x01", b"\0\0\1\x40\x01"),
}


def play(source, units, key, rate):
    """Sends the access units at their times, from a key frame on, until the stream is closed."""
    number = math.ceil(time.time() * rate)
    while key not in units[number % len(units)]:
        number += 1
    while True:
        time.sleep(max(0, number / rate - time.time()))
        buffer = Gst.Buffer.new_wrapped(units[number % len(units)])
        if source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
            return
        number += 1


def factory_of(clip, rate):
    codec, delimiter, key = CODECS[os.path.splitext(clip)[1]]
    with open(clip, "rb") as file:
        units = [delimiter + unit for unit in file.read().split(delimiter)[1:]]
    caps = f"video/x-{codec},stream-format=byte-stream,alignment=au"
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        f"( appsrc name=clip is-live=true format=time do-timestamp=true caps={caps}"
        f" ! {codec}parse ! rtp{codec}pay name=pay0 pt=96 config-interval=-1 )"
    )
    factory.set_shared(True)

    def opened(_, media):
        source = media.get_element().get_by_name_recurse_up("clip")
        threading.Thread(target=play, args=(source, units, key, rate), daemon=True).start()

    factory.connect("media-configure", opened)
    return factory


def protect(server, factory, user, password):
    """Lets only this user see the stream."""
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "user")
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    factory.add_role_from_structure(
        Gst.Structure.from_string("user, media.factory.access=true, media.factory.construct=true")[0]
    )


def main(port, rate, clip):
    Gst.init(None)
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service=port)
    factory = factory_of(clip, float(rate))
    if user := os.environ.get("CAMERA_USER"):
        protect(server, factory, user, os.environ["CAMERA_PASSWORD"])
    server.get_mount_points().add_factory(PATH, factory)
    if server.attach(None) == 0:
        sys.exit(f"cannot listen on port {port}")
    GLib.MainLoop().run()


main(*sys.argv[1:])
