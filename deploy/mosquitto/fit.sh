# shellcheck shell=sh
# Fits a mosquitto.conf to a version of Mosquitto. Source this file; it needs a POSIX sh, sed and awk.

# Options that may be omitted. Any other unknown option is an error: without acl_file, for example, a board could
# publish receipts.
mosquitto_dispensable='set_tcp_nodelay restart_timeout:2'

# Prints the version of Mosquitto on this machine, such as 2.0.11. Fails if it is not installed.
mosquitto_version() {
  # The exit status of mosquitto -h differs between versions.
  PATH=$PATH:/usr/local/sbin:/usr/sbin mosquitto -h 2>/dev/null |
    sed -n '1,/^mosquitto version/s/^mosquitto version \([0-9][0-9.]*[0-9]\).*/\1/p' | grep .
}

# Prints FILE without the options that VERSION does not support, and without their comments. OPTIONS is the table of
# options; the default is the file `options` in the folder $here.
fit_to_mosquitto() { # FILE VERSION [OPTIONS]
  awk -v version="$2" -v dispensable=" $mosquitto_dispensable " '
    function number(text, parts) { # 2.0.11 -> 2000011; a part that is missing counts as 0
      split(text, parts, ".")
      return parts[1] * 1000000 + parts[2] * 1000 + parts[3]
    }
    function knows(name) {
      return number(version) >= number(since[name]) && (until[name] == "" || number(version) < number(until[name]))
    }
    function fail(wrong, hint) {
      printf "fit_to_mosquitto: \"%s\": %s\nTry: %s\n", FILENAME, wrong, hint | "cat >&2"
      failed = 1
      exit 1
    }
    function must_know(name) {
      if (!(name in since)) fail("the option \"" name "\" is not in the table of options", "add it to \"" table "\"")
      if (knows(name)) return 1
      if (!index(dispensable, " " name " "))
        fail("Mosquitto " version " does not support the option \"" name "\"", "install another version of Mosquitto")
      return 0
    }
    function flush(i) {
      for (i = 1; i <= held; i++) print comment[i]
      held = 0
    }
    # Ends a group of omitted options. Their comment is kept only if the next option is under the same comment.
    function end_group(stays, i) {
      if (notes && !stays) held = 0
      if (notes) flush()
      for (i = 1; i <= notes; i++) print note[i]
      notes = 0
    }
    BEGIN { if (version !~ /^[0-9]+(\.[0-9]+)*$/) fail("\"" version "\" is not a version of Mosquitto", "give one such as 2.0.11") }
    NR == FNR {
      table = FILENAME
      if ($0 !~ /^(#|$)/) { since[$1] = $2; until[$1] = $3 }
      next
    }
    # A comment is held until the option below it is known.
    /^#/ { end_group(0); comment[++held] = $0; next }
    NF == 0 { end_group(0); flush(); print; next }
    must_know($1) {
      end_group(1)
      flush()
      for (i = 3; i <= NF; i++) if (($1 ":" i - 1) in since && !must_know($1 ":" i - 1)) { NF = i - 1; break }
      print
      next
    }
    { note[++notes] = "# " $1 " is omitted: Mosquitto has it since " since[$1] ", this is " version "." }
    END { if (!failed) { end_group(0); flush() } }
  ' "${3:-$here/options}" "$1"
}
