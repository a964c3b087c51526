/** `--ffmpeg-options`: parses options of ffmpeg's input and rejects all others. */

/** ffmpeg's own input options without a value; each also with the prefix `no`. */
const FLAGS = new Set("re an sn dn copyts start_at_zero accurate_seek autorotate".split(" "));

/** ffmpeg's own input options with a value. */
const WITH_VALUE = new Set(
  ("f ss t to sseof itsoffset itsscale stream_loop readrate readrate_initial_burst readrate_catchup r s c codec vcodec " +
    "pix_fmt hwaccel hwaccel_device hwaccel_output_format init_hw_device vaapi_device qsv_device thread_queue_size " +
    "discard display_rotation").split(" "),
);

/**
 * ffmpeg's other own options, versions 3.4 to 9. They belong to an output, write a file, print a text and end, or have no
 * value, so that the next word would name an output. The options of protocols, demuxers and decoders, which are not listed
 * here, always have a value.
 */
const REFUSED = new Set(
  ("L ab abort_on absf ac acodec adrift_threshold af aframes apad apply_cropping apre aq ar aspect async atag attach " +
    "auto_conversion_filters autoscale b benchmark benchmark_all bitexact bits_per_raw_sample bsf bsfs buildconf " +
    "canvas_size ch_layout channel_layout chroma_intra_matrix codecs colors content_light copy_unknown copyinkf " +
    "copypriorss copytb cpucount cpuflags dcodec debug_ts decoders deinterlace demuxers devices dframes display_hflip " +
    "display_vflip disposition dispositions drop_changed dts_delta_threshold dts_error_threshold dump dump_attachment " +
    "enc_time_base encoders filter filter_buffered_frames filter_complex filter_complex_script filter_complex_threads " +
    "filter_hw_device filter_script filter_threads filters find_stream_info fix_sub_duration " +
    "fix_sub_duration_heartbeat force_fps force_key_frames formats fpre fps_mode fpsmax frame_drop_threshold frames fs " +
    "guess_layout_max h help hex hide_banner hwaccel_lax_profile_check hwaccels i ignore_unknown inter_matrix intra " +
    "intra_matrix isync lavfi layouts license loglevel map map_channel map_chapters map_metadata mastering_display " +
    "max_alloc max_error_rate max_muxing_queue_size metadata muxdelay muxers muxing_queue_data_threshold muxpreload n " +
    "override_ffserver pass passlogfile pix_fmts pre print_graphs print_graphs_file print_graphs_format profile " +
    "program progress protocols psnr q qphist qscale rc_override recast_media reinit_filter report same_quant sameq " +
    "sample_fmt sample_fmts scodec sdp_file seek_timestamp shortest shortest_buf_duration sinks sources spre stag stats " +
    "stats_enc_post stats_enc_post_fmt stats_enc_pre stats_enc_pre_fmt stats_mux_pre stats_mux_pre_fmt stats_period " +
    "stdin stream_group streamid tag target time_base timecode timelimit timestamp top tvstd v vbsf vc version vf " +
    "vframes vn vol vpre vstats vstats_file vstats_version vsync vtag xerror y").split(" "),
);

/** Formats that read other inputs than the source. */
const REFUSED_FORMATS = new Set(["lavfi", "concat", "image2", "tty"]);

/** Values of `-discard`. With any other value ffmpeg 3.4 and 5.1 crash without a message. */
const DISCARDED = ["none", "default", "noref", "bidir", "nointra", "nokey", "all"];

const OPTION = /^-([A-Za-z_][\w-]*)(:[\w:#-]*)?$/;

/**
 * Parses options such as `-user_agent "My Cam 1.0" -rtsp_transport udp` into words. Throws an Error that names the first
 * wrong word. No accepted word can become an output, another input or a file that ffmpeg writes.
 */
export function readFfmpegOptions(text: string): readonly string[] {
  const words = splitWords(text);
  for (let at = 0; at < words.length;) {
    const [word, value] = [words[at], words[at + 1]];
    const name = OPTION.exec(word)?.[1];
    if (name === undefined) {
      // The word is not shown: it may be the rest of a header or of a password with a space in it.
      throw new Error(`word ${at + 1} should be an option such as -rtsp_transport`);
    }
    const positive = name.replace(/^no(?=\w)/, "");
    if (FLAGS.has(name) || FLAGS.has(positive)) {
      at++;
      continue;
    }
    if (REFUSED.has(name) || (name !== positive && (REFUSED.has(positive) || WITH_VALUE.has(positive)))) {
      throw new Error(`"${word}" should be an option of the input, which it is not`);
    }
    if (value === undefined) throw new Error(`"${word}" should be followed by a value`);
    if (name === "f" && !/^\w+$/.test(value) || name === "f" && REFUSED_FORMATS.has(value)) {
      throw new Error(`"-f" should be followed by the format of the source, such as mpegts`);
    }
    if (name === "discard" && !DISCARDED.includes(value)) {
      throw new Error(`"-discard" should be followed by one of ${DISCARDED.join(", ")}`);
    }
    at += 2;
  }
  return words;
}

/**
 * Splits a text into words as a shell does: at white space, with 'quotes', "quotes" and backslashes, without any expansion.
 * Throws an Error for an open quote or a final backslash.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quote && character === quote) {
      quote = undefined;
    } else if (character === "\\" && quote !== "'") {
      if (++at === text.length) throw new Error("a backslash should precede a character");
      // Within "quotes" a backslash escapes only these characters.
      word = (word ?? "") + (quote && !'"\\$`'.includes(text[at]) ? "\\" : "") + text[at];
    } else if (quote) {
      word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote) throw new Error(`the quote ${quote} should be closed`);
  if (word !== undefined) words.push(word);
  return words;
}
