/**
 * What v4l2-ctl and ffmpeg print for cameras: recorded by their users in the issues of the named repositories, and shortened
 * where the comment says so. For tests: no V4L2 device exists on a test machine.
 */

/** A USB camera: MJPEG at full rate, YUYV as fast as USB 2 carries it; v4l2-ctl 1.18 or later (l1npengtul/nokhwa). */
export const USB_CAMERA = `Format Video Capture:
	Width/Height      : 640/480
	Pixel Format      : 'YUYV' (YUYV 4:2:2)
	Field             : None
ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'MJPG' (Motion-JPEG, compressed)
		Size: Discrete 1920x1080
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.040s (25.000 fps)
			Interval: Discrete 0.067s (15.000 fps)
		Size: Discrete 1280x720
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.067s (15.000 fps)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.067s (15.000 fps)
	[1]: 'YUYV' (YUYV 4:2:2)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
		Size: Discrete 1280x720
			Interval: Discrete 0.100s (10.000 fps)
			Interval: Discrete 0.133s (7.500 fps)
		Size: Discrete 1920x1080
			Interval: Discrete 0.200s (5.000 fps)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
`;

/** The same kind of camera with H.264; v4l2-ctl until 1.16 (ELP camera: PhotonVision/photonvision, issue 481; shortened). */
export const OLD_LIST = `Format Video Capture:
	Width/Height      : 1920/1080
	Pixel Format      : 'H264'
	Field             : None
ioctl: VIDIOC_ENUM_FMT
	Index       : 0
	Type        : Video Capture
	Pixel Format: 'MJPG' (compressed)
	Name        : Motion-JPEG
		Size: Discrete 1920x1080
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.200s (5.000 fps)

	Index       : 1
	Type        : Video Capture
	Pixel Format: 'YUYV'
	Name        : YUYV 4:2:2
		Size: Discrete 1920x1080
			Interval: Discrete 0.200s (5.000 fps)

	Index       : 2
	Type        : Video Capture
	Pixel Format: 'H264' (compressed)
	Name        : H.264
		Size: Discrete 1920x1080
			Interval: Discrete 0.033s (30.000 fps)
`;

/** A CSI camera of a Jetson: raw data of its sensor and nothing else (jacksonliam/mjpg-streamer, issue 287). */
export const JETSON_CSI = `ioctl: VIDIOC_ENUM_FMT
	Index       : 0
	Type        : Video Capture
	Pixel Format: 'RG10'
	Name        : 10-bit Bayer RGRG/GBGB
		Size: Discrete 3264x2464
			Interval: Discrete 0.048s (21.000 fps)
		Size: Discrete 3264x1848
			Interval: Discrete 0.036s (28.000 fps)
		Size: Discrete 1920x1080
			Interval: Discrete 0.033s (30.000 fps)
		Size: Discrete 1280x720
			Interval: Discrete 0.017s (60.000 fps)
		Size: Discrete 1280x720
			Interval: Discrete 0.017s (60.000 fps)
`;

/** The receiver of a Raspberry Pi's CSI connector promises every format at every size (mainsail-crew/crowsnest, issue 85). */
export const PI_RECEIVER = `ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'YUYV' (YUYV 4:2:2)
		Size: Stepwise 16x16 - 16376x16376 with step 1/1
	[1]: 'RGB3' (24-bit RGB 8-8-8)
		Size: Stepwise 16x16 - 16376x16376 with step 1/1
	[2]: 'pRAA' (10-bit Bayer RGRG/GBGB Packed)
		Size: Stepwise 16x16 - 16376x16376 with step 1/1
`;

/** The old driver of Raspberry Pi's cameras: ranges of sizes without rates (Motion-Project/motion, issue 940; shortened). */
export const PI_LEGACY = `ioctl: VIDIOC_ENUM_FMT
	Index       : 0
	Type        : Video Capture
	Pixel Format: 'YU12'
	Name        : Planar YUV 4:2:0
		Size: Stepwise 32x32 - 2592x1944 with step 2/2

	Index       : 5
	Type        : Video Capture
	Pixel Format: 'MJPG' (compressed)
	Name        : Motion-JPEG
		Size: Stepwise 32x32 - 2592x1944 with step 2/2
`;

/** The infrared camera of a laptop (l1npengtul/nokhwa, issue 25). */
export const INFRARED = `ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'GREY' (8-bit Greyscale)
		Size: Discrete 640x360
			Interval: Discrete 0.067s (15.000 fps)
			Interval: Discrete 0.033s (30.000 fps)
`;

/** A thermal camera, whose driver lists no sizes (groupgets/purethermal1-uvc-capture, issue 55). */
export const THERMAL = `Format Video Capture:
	Width/Height      : 160/120
ioctl: VIDIOC_ENUM_FMT
	Index       : 0
	Type        : Video Capture
	Pixel Format: 'UYVY'
	Name        : UYVY 4:2:2

	Index       : 1
	Type        : Video Capture
	Pixel Format: 'Y16 '
	Name        : 16-bit Greyscale

	Index       : 2
	Type        : Video Capture
	Pixel Format: 'GREY'
	Name        : 8-bit Greyscale
`;

/** A USB camera, by ffmpeg, which lists no rates (mpromonet/v4l2rtspserver, issue 177). */
export const BY_FFMPEG =
  `[video4linux2,v4l2 @ 0x105d1c0] Compressed:       mjpeg :          Motion-JPEG : 2592x1944 1280x960 1024x768 640x480 1280x720 1600x1200 2048x1536 800x600 1920x1080
[video4linux2,v4l2 @ 0x105d1c0] Raw       :     yuyv422 :           YUYV 4:2:2 : 2592x1944 1280x960 1024x768 640x480 1280x720 1600x1200 2048x1536 800x600 1920x1080
/dev/video0: Immediate exit requested
`;

/** A device without pictures, such as the second node of a USB camera, which delivers metadata. */
export const METADATA_NODE = `ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

`;
