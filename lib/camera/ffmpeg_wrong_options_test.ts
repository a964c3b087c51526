/** Messages of ffmpeg 3.4 to 9 for wrong options; each is a ConfigError. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { ConfigError } from "../errors.ts";
import { ffmpegError } from "./ffmpeg_error.ts";
import { withoutSecrets } from "./ffmpeg_error.ts";
import { openCamera } from "./open_camera.ts";
import { ONCE } from "../testing/source_options.ts";

const CLIP = "file:door.mp4";

/** A wrong option, ffmpeg's messages for it, and the versions that print them. */
// deno-fmt-ignore: a table
const SAID: readonly (readonly [option: string, complaint: string, versions: string])[] = [
  ["-hwaccel cuda", "Unrecognized hwaccel: cuda.\nSupported hwaccels: vaapi cuvid", "3.4.2"],
  ["-hwaccel cuda", "Device creation failed: -12.\n[h264 @ 0x1] No device available for decoder: device type cuda needed for codec h264.\nDevice setup failed for decoder on input stream #0:0 : Cannot allocate memory", "4.2.2"],
  ["-hwaccel cuda", "[AVHWDeviceContext @ 0x1] Cannot load libcuda.so.1\n[AVHWDeviceContext @ 0x1] Could not dynamically load CUDA\nDevice creation failed: -1.\n[h264 @ 0x1] No device available for decoder: device type cuda needed for codec h264.\nDevice setup failed for decoder on input stream #0:0 : Operation not permitted", "5.1"],
  ["-hwaccel cuda", "Device creation failed: -12.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] No device available for decoder: device type cuda needed for codec h264.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] Hardware device setup failed for decoder: Cannot allocate memory\n[vost#0:0/wrapped_avframe @ 0x1] Error initializing a simple filtergraph\nError opening output file pipe:1.", "7.0.2"],
  ["-hwaccel cuda", "[CUDA @ 0x1] Cannot load libcuda.so.1\n[CUDA @ 0x1] Could not dynamically load CUDA\nDevice creation failed: -1.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] No device available for decoder: device type cuda needed for codec h264.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] Hardware device setup failed for decoder: Operation not permitted", "9.0.2"],
  ["-hwaccel drm", "Unrecognized hwaccel: drm.\nSupported hwaccels: vaapi cuvid", "3.4.2"],
  ["-hwaccel drm", "Device creation failed: -12.\n[h264 @ 0x1] No device available for decoder: device type drm needed for codec h264.\nDevice setup failed for decoder on input stream #0:0 : Cannot allocate memory", "4.2.2"],
  ["-hwaccel drm", "Device creation failed: -14.\n[h264 @ 0x1] No device available for decoder: device type drm needed for codec h264.\nDevice setup failed for decoder on input stream #0:0 : Bad address", "5.1"],
  ["-hwaccel drm", "Device creation failed: -12.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] No device available for decoder: device type drm needed for codec h264.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] Hardware device setup failed for decoder: Cannot allocate memory\n[vost#0:0/wrapped_avframe @ 0x1] Error initializing a simple filtergraph\nError opening output file pipe:1.", "7.0.2"],
  ["-hwaccel drm", "Device creation failed: -14.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] No device available for decoder: device type drm needed for codec h264.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] Hardware device setup failed for decoder: Bad address\nError opening output file pipe:1.\nError opening output files: Bad address", "9.0.2"],
  ["-hwaccel vaapi", "Device creation failed: -12.\n[h264 @ 0x1] No device available for decoder: device type vaapi needed for codec h264.\nDevice setup failed for decoder on input stream #0:0 : Cannot allocate memory", "4.2.2"],
  ["-hwaccel vaapi", "Device creation failed: -542398533.\n[h264 @ 0x1] No device available for decoder: device type vaapi needed for codec h264.\nDevice setup failed for decoder on input stream #0:0 : Generic error in an external library", "5.1"],
  ["-hwaccel vaapi", "Device creation failed: -12.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] No device available for decoder: device type vaapi needed for codec h264.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] Hardware device setup failed for decoder: Cannot allocate memory\n[vost#0:0/wrapped_avframe @ 0x1] Error initializing a simple filtergraph\nError opening output file pipe:1.", "7.0.2"],
  ["-hwaccel vaapi", "Device creation failed: -542398533.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] No device available for decoder: device type vaapi needed for codec h264.\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] Hardware device setup failed for decoder: Generic error in an external library\nError opening output file pipe:1.\nError opening output files: Generic error in an external library", "9.0.2"],
  ["-hwaccel nosuch", "Unrecognized hwaccel: nosuch.\nSupported hwaccels: vaapi cuvid", "3.4.2"],
  ["-hwaccel nosuch", "Unrecognized hwaccel: nosuch.\nSupported hwaccels: vdpau", "4.2.2"],
  ["-hwaccel nosuch", "Unrecognized hwaccel: nosuch.\nSupported hwaccels: vdpau cuda vaapi qsv drm opencl vulkan", "5.1"],
  ["-hwaccel nosuch", "[vist#0:0/h264 @ 0x1] Unrecognized hwaccel: nosuch.\n[vist#0:0/h264 @ 0x1] Supported hwaccels: vdpau \nError opening input file file:door.mp4.\nError opening input files: Invalid argument", "7.0.2"],
  ["-hwaccel nosuch", "[vist#0:0/h264 @ 0x1] Unrecognized hwaccel: nosuch.\n[vist#0:0/h264 @ 0x1] Supported hwaccels: cuda vaapi qsv drm opencl vulkan amf \nError opening input file file:door.mp4.\nError opening input files: Invalid argument", "9.0.2"],
  ["-init_hw_device cuda", "Cannot load libcuda.so.1\n[AVHWDeviceContext @ 0x1] Could not dynamically load CUDA\nDevice creation failed: -1313558101.\nFailed to set value 'cuda' for option 'init_hw_device': Unknown error occurred\nError parsing global options: Unknown error occurred", "3.4.2"],
  ["-init_hw_device cuda", "Device creation failed: -12.\nFailed to set value 'cuda' for option 'init_hw_device': Cannot allocate memory\nError parsing global options: Cannot allocate memory", "4.2.2 7.0.2"],
  ["-init_hw_device cuda", "[AVHWDeviceContext @ 0x1] Cannot load libcuda.so.1\n[AVHWDeviceContext @ 0x1] Could not dynamically load CUDA\nDevice creation failed: -1.\nFailed to set value 'cuda' for option 'init_hw_device': Operation not permitted\nError parsing global options: Operation not permitted", "5.1"],
  ["-init_hw_device cuda", "[CUDA @ 0x1] Cannot load libcuda.so.1\n[CUDA @ 0x1] Could not dynamically load CUDA\nDevice creation failed: -1.\nFailed to set value 'cuda' for option 'init_hw_device': Operation not permitted\nError parsing global options: Operation not permitted", "9.0.2"],
  ["-init_hw_device nosuch", "Invalid device specification \"nosuch\": unknown device type\nFailed to set value 'nosuch' for option 'init_hw_device': Invalid argument\nError parsing global options: Invalid argument", "3.4.2 4.2.2 5.1 7.0.2 9.0.2"],
  ["-init_hw_device vaapi=x:/dev/nosuch", "[AVHWDeviceContext @ 0x1] No VA display found for device: /dev/nosuch.\nDevice creation failed: -22.\nFailed to set value 'vaapi=x:/dev/nosuch' for option 'init_hw_device': Invalid argument\nError parsing global options: Invalid argument", "3.4.2"],
  ["-init_hw_device vaapi=x:/dev/nosuch", "Device creation failed: -12.\nFailed to set value 'vaapi=x:/dev/nosuch' for option 'init_hw_device': Cannot allocate memory\nError parsing global options: Cannot allocate memory", "4.2.2 7.0.2"],
  ["-init_hw_device vaapi=x:/dev/nosuch", "[AVHWDeviceContext @ 0x1] No VA display found for device /dev/nosuch.\nDevice creation failed: -22.\nFailed to set value 'vaapi=x:/dev/nosuch' for option 'init_hw_device': Invalid argument\nError parsing global options: Invalid argument", "5.1"],
  ["-init_hw_device vaapi=x:/dev/nosuch", "[VAAPI @ 0x1] No VA display found for device /dev/nosuch.\nDevice creation failed: -22.\nFailed to set value 'vaapi=x:/dev/nosuch' for option 'init_hw_device': Invalid argument\nError parsing global options: Invalid argument", "9.0.2"],
  ["-vaapi_device /dev/nosuch", "[AVHWDeviceContext @ 0x1] No VA display found for device: /dev/nosuch.\nDevice creation failed: -22.\nFailed to set value '/dev/nosuch' for option 'vaapi_device': Invalid argument\nError parsing global options: Invalid argument", "3.4.2"],
  ["-vaapi_device /dev/nosuch", "[AVHWDeviceContext @ 0x1] No VA display found for device /dev/nosuch.\nDevice creation failed: -22.\nFailed to set value '/dev/nosuch' for option 'vaapi_device': Invalid argument\nError parsing global options: Invalid argument", "5.1"],
  ["-vaapi_device /dev/nosuch", "[VAAPI @ 0x1] No VA display found for device /dev/nosuch.\nDevice creation failed: -22.\nFailed to set value '/dev/nosuch' for option 'vaapi_device': Invalid argument\nError parsing global options: Invalid argument", "9.0.2"],
  ["-qsv_device /dev/nosuch", "[AVHWDeviceContext @ 0x1] No VA display found for device /dev/nosuch.\nDevice creation failed: -22.\nFailed to set value '/dev/nosuch' for option 'qsv_device': Invalid argument\nError parsing global options: Invalid argument", "5.1"],
  ["-qsv_device /dev/nosuch", "[VAAPI @ 0x1] No VA display found for device /dev/nosuch.\nDevice creation failed: -22.\nFailed to set value '/dev/nosuch' for option 'qsv_device': Invalid argument\nError parsing global options: Invalid argument", "9.0.2"],
  ["-bsf:v nosuch", "Option bsf:v (A comma-separated list of bitstream filters) cannot be applied to input url file:door.mp4 -- you are trying to apply an input option to an output file or vice versa. Move this option before the file it belongs to.\nError parsing options for input file file:door.mp4.\nError opening input files: Invalid argument", "3.4.2 4.2.2 5.1"],
  ["-bsf:v nosuch", "[vist#0:0/h264 @ 0x1] Error parsing bitstream filter sequence 'nosuch': Bitstream filter not found\nError opening input file file:door.mp4.\nError opening input files: Bitstream filter not found", "7.0.2 9.0.2"],
  ["-ss abc", "Invalid duration specification for ss: abc", "3.4.2 4.2.2 5.1"],
  ["-ss abc", "Invalid duration for option ss: abc\nError parsing options for input file file:door.mp4.\nError opening input files: Invalid argument", "7.0.2 9.0.2"],
  ["-r abc", "Error parsing framerate abc.", "3.4.2 4.2.2 5.1"],
  ["-r abc", "[vist#0:0/h264 @ 0x1] Error parsing framerate abc.\nError opening input file file:door.mp4.\nError opening input files: Invalid argument", "7.0.2 9.0.2"],
  ["-r 0", "Error parsing framerate 0.", "3.4.2 4.2.2 5.1"],
  ["-r 0", "[vist#0:0/h264 @ 0x1] Error parsing framerate 0.\nError opening input file file:door.mp4.\nError opening input files: Invalid argument", "7.0.2 9.0.2"],
  ["-itsoffset x", "Invalid duration specification for itsoffset: x", "3.4.2 4.2.2 5.1"],
  ["-itsoffset x", "Invalid duration for option itsoffset: x\nError parsing options for input file file:door.mp4.\nError opening input files: Invalid argument", "7.0.2 9.0.2"],
  ["-discard nosuch", "[AVStream @ 0x1] [Eval @ 0x1] Undefined constant or missing '(' in 'nosuch'\n[AVStream @ 0x1] Unable to parse \"discard\" option value \"nosuch\"\n[vist#0:0/h264 @ 0x1] Error parsing discard nosuch.\nError opening input file file:door.mp4.\nError opening input files: Invalid argument", "9.0.2"],
  ["-fps_mode passthrough", "Option fps_mode (set framerate mode for matching video streams; overrides vsync) cannot be applied to input url file:door.mp4 -- you are trying to apply an input option to an output file or vice versa. Move this option before the file it belongs to.\nError parsing options for input file file:door.mp4.\nError opening input files: Invalid argument", "5.1 7.0.2"],
  ["-fps_mode passthrough", "Option fps_mode (set framerate mode for matching video streams) cannot be applied to input url file:door.mp4 -- you are trying to apply an input option to an output file or vice versa. Move this option before the file it belongs to.\nError parsing options for input file file:door.mp4.\nError opening input files: Invalid argument", "9.0.2"],
  ["-format_whitelist nosuch", "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x1] Format not on whitelist 'nosuch'\nfile:door.mp4: Invalid argument", "3.4.2 4.2.2 5.1"],
  ["-format_whitelist nosuch", "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x1] Format not on whitelist 'nosuch'\n[in#0 @ 0x1] Error opening input: Invalid argument\nError opening input file file:door.mp4.\nError opening input files: Invalid argument", "7.0.2"],
  ["-format_whitelist nosuch", "[in#0 @ 0x1] Format not on whitelist 'nosuch'\n[in#0 @ 0x1] Error opening input: Invalid argument\nError opening input file file:door.mp4.\nError opening input files: Invalid argument", "9.0.2"],
  ["-codec_whitelist nosuch", "[NULL @ 0x1] Codec (h264) not on whitelist 'nosuch'\n[mov,mp4,m4a,3gp,3g2,mj2 @ 0x1] Failed to open codec in avformat_find_stream_info\n[h264 @ 0x1] Codec (h264) not on whitelist 'nosuch'\nError while opening decoder for input stream #0:0 : Invalid argument", "3.4.2"],
  ["-codec_whitelist nosuch", "[NULL @ 0x1] Codec (h264) not on whitelist 'nosuch'\n[h264 @ 0x1] Codec (h264) not on whitelist 'nosuch'\nError while opening decoder for input stream #0:0 : Invalid argument", "4.2.2"],
  ["-codec_whitelist nosuch", "[h264 @ 0x1] Codec (h264) not on whitelist 'nosuch'\nError while opening decoder for input stream #0:0 : Invalid argument", "5.1"],
  ["-codec_whitelist nosuch", "[h264 @ 0x1] Codec (h264) not on whitelist 'nosuch'\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] Error while opening decoder: Invalid argument\n[vost#0:0/wrapped_avframe @ 0x1] Error initializing a simple filtergraph\nError opening output file pipe:1.\nError opening output files: Invalid argument", "7.0.2"],
  ["-codec_whitelist nosuch", "[h264 @ 0x1] Codec (h264) not on whitelist 'nosuch'\n[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x1] Error while opening decoder: Invalid argument\nError opening output file pipe:1.\nError opening output files: Invalid argument", "9.0.2"],
  ["-readrate -1", "Option -readrate for Input #1 is -1.000; it must be non-negative.", "5.1"],
  ["-readrate -1", "[in#0/mov,mp4,m4a,3gp,3g2,mj2 @ 0x1] Option -readrate is -1.000; it must be non-negative.\nError opening input file file:door.mp4.\nError opening input files: Invalid argument", "7.0.2 9.0.2"],
  ["-c:v hevc_cuvid", "[hevc @ 0x1] PPS id out of range: 0\nCannot load libnvcuvid.so.1\n[hevc_cuvid @ 0x1] Failed loading nvcuvid.\nError while opening decoder for input stream #0:0 : Unknown error occurred", "3.4.2"],
  ["-c:v hevc_cuvid", "[hevc_cuvid @ 0x1] Cannot load libnvcuvid.so.1\n[hevc_cuvid @ 0x1] Failed loading nvcuvid.\nError while opening decoder for input stream #0:0 : Operation not permitted", "5.1"],
  ["-c:v h264_cuvid", "Cannot load libnvcuvid.so.1\n[h264_cuvid @ 0x1] Failed loading nvcuvid.\nError while opening decoder for input stream #0:0 : Unknown error occurred", "3.4.2"],
  ["-c:v h264_cuvid", "[h264_cuvid @ 0x1] Cannot load libnvcuvid.so.1\n[h264_cuvid @ 0x1] Failed loading nvcuvid.\nError while opening decoder for input stream #0:0 : Operation not permitted", "5.1"],
  ["-c:v h264_cuvid", "[h264_cuvid @ 0x1] Cannot load libnvcuvid.so.1\n[h264_cuvid @ 0x1] Failed loading nvcuvid.\n[vist#0:0/h264 @ 0x1] [dec:h264_cuvid @ 0x1] Error while opening decoder: Operation not permitted\nError opening output file pipe:1.\nError opening output files: Operation not permitted", "9.0.2"],
  ["-c:v h264_v4l2m2m", "[h264_v4l2m2m @ 0x1] Could not find a valid device\n[h264_v4l2m2m @ 0x1] can't configure decoder\nError while opening decoder for input stream #0:0 : Invalid argument", "3.4.2 4.2.2 5.1"],
  ["-c:v h264_v4l2m2m", "[h264_v4l2m2m @ 0x1] Could not find a valid device\n[h264_v4l2m2m @ 0x1] can't configure decoder\n[vist#0:0/h264 @ 0x1] [dec:h264_v4l2m2m @ 0x1] Error while opening decoder: Invalid argument\n[vost#0:0/wrapped_avframe @ 0x1] Error initializing a simple filtergraph\nError opening output file pipe:1.", "7.0.2"],
  ["-c:v h264_v4l2m2m", "[h264_v4l2m2m @ 0x1] Could not find a valid device\n[h264_v4l2m2m @ 0x1] can't configure decoder\n[vist#0:0/h264 @ 0x1] [dec:h264_v4l2m2m @ 0x1] Error while opening decoder: Invalid argument\nError opening output file pipe:1.\nError opening output files: Invalid argument", "9.0.2"],
  ["-c:v aac", "Invalid decoder type 'aac'", "3.4.2 4.2.2 5.1"],
  ["-c:v aac", "Invalid decoder type 'aac'\nError opening input file file:door.mp4.\nError opening input files: Invalid argument", "7.0.2 9.0.2"],
  ["-t -5", "[trim_in_0_0 @ 0x1] Value -5000000.000000 for parameter 'durationi' out of range [0 - 9.22337e+18]\n[trim_in_0_0 @ 0x1] Error configuring the trim filterError reinitializing filters!\nFailed to inject frame into filter network: Numerical result out of range\nError while processing the decoded data for stream #0:0\nConversion failed!", "3.4.2"],
  ["-t -5", "[trim_in_0_0 @ 0x1] Value -5000000.000000 for parameter 'durationi' out of range [0 - 9.22337e+18]\n[trim_in_0_0 @ 0x1] Error configuring the trim filterError reinitializing filters!\nFailed to inject frame into filter network: Numerical result out of range\nError while processing the decoded data for stream #0:0", "4.2.2 5.1"],
  ["-t -5", "[trim_in_0_0 @ 0x1] Value -5000000.000000 for parameter 'durationi' out of range [0 - 9.22337e+18]\n[trim_in_0_0 @ 0x1] Error configuring the trim filterError reinitializing filters!\n[vf#0:0 @ 0x1] Task finished with error code: -34 (Numerical result out of range)\n[vf#0:0 @ 0x1] Terminating thread with return code -34 (Numerical result out of range)\n[vost#0:0/wrapped_avframe @ 0x1] Could not open encoder before EOF", "7.0.2"],
  ["-t -5", "[in#0 @ 0x1] -t value must be non-negative; aborting.\nError opening input file file:door.mp4.\nError opening input files: Invalid argument", "9.0.2"],
  ["-f rawvideo -pixel_format nosuch -video_size 8x8", "[rawvideo @ 0x1] No such pixel format: nosuch.\nfile:door.mp4: Invalid argument", "3.4.2 4.2.2 5.1"],
  ["-f rawvideo -pixel_format nosuch -video_size 8x8", "[rawvideo @ 0x1] No such pixel format: nosuch.\n[in#0 @ 0x1] Error opening input: Invalid argument\nError opening input file file:door.mp4.\nError opening input files: Invalid argument", "7.0.2"],
];

Deno.test("a wrong option is a ConfigError, with the messages of every version", () => {
  for (const url of [CLIP, "/dev/video0", "rtsp://10.0.0.9/live"]) {
    for (const [option, complaint, versions] of SAID) {
      const error = ffmpegError({ name: "the door", url }, complaint.replaceAll(CLIP, url));
      const about = `${option} ${versions} ${url}: ${error.message}`;
      assert.ok(error instanceof ConfigError, about);
      assert.match(error.hint!, /--ffmpeg-options/, about);
      assert.doesNotMatch(error.message, /0x1\b|\n/, about);
    }
  }
});

Deno.test("a wrong option is recognized although the camera's address shares a word with the message", () => {
  const address = "rtsp://10.0.0.9/h264/hevc/input/output/decoder/option/0?user=in&q=vist";
  for (const [option, complaint] of SAID) {
    const left = withoutSecrets(complaint, [address]);
    assert.ok(
      ffmpegError({ name: "the door", url: CLIP }, left) instanceof ConfigError,
      `${option}: ${left}`,
    );
  }
});

Deno.test("a missing hardware decoder without which ffmpeg continued is not the cause", () => {
  // ffmpeg 3.4 with -hwaccel vaapi
  const wentOn =
    "Device creation failed: -22.\n[h264 @ 0x1] No device available for decoder (device type vaapi).";
  const error = ffmpegError(
    { name: "the door", url: "rtsp://10.0.0.9/live" },
    `${wentOn}\nConnection timed out`,
  );
  assert.ok(!(error instanceof ConfigError));
  assert.match(error.message, /does not answer in time/);
});

Deno.test("a wrong option is a ConfigError with this machine's ffmpeg", needs("ffmpeg"), async () => {
  const clip = await Deno.makeTempFile({ suffix: ".avi" });
  const made = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x64:duration=1", "-c:v", "mjpeg", "-y", clip],
  }).output();
  assert.ok(made.success);
  try {
    for (const option of ["-hwaccel nosuch", "-init_hw_device nosuch", "-ss abc", "-r abc", "-c:v aac"]) {
      const camera = await openCamera(clip, { ...ONCE, ffmpegOptions: option.split(" ") });
      const { signal } = new AbortController();
      await assert.rejects(
        Array.fromAsync(camera.frames({ signal })),
        (error) => error instanceof ConfigError && /--ffmpeg-options/.test(error.hint!),
        option,
      );
    }
  } finally {
    await Deno.remove(clip);
  }
});
