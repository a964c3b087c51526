/**
 * Runs Node-RED's own runtime and nodes, without its editor: `deno run … run_node_red.ts PART FOLDER`. PART has the
 * packages in `node_modules`; FOLDER has the flow as `flows.json`, and gets what file nodes write. SIGTERM ends it.
 */
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname } from "node:path";

const [part, folder] = Deno.args;
const require = createRequire(`${part}/package.json`);
const util = require("@node-red/util");
const runtime = require("@node-red/runtime");

const settings = {
  userDir: folder,
  flowFile: `${folder}/flows.json`,
  fileWorkingDirectory: folder,
  coreNodesDir: dirname(require.resolve("@node-red/nodes/package.json")),
  credentialSecret: "none",
  httpAdminRoot: false,
  httpNodeRoot: false,
  telemetry: { enabled: false },
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false },
    modules: { allowInstall: false },
  },
  logging: { console: { level: "info" } },
};
// The nodes of the core ask for permissions of the editor, which nobody opens here.
const editor = { auth: { needsPermission: () => () => {} } };

Deno.addSignalListener("SIGTERM", async () => {
  await runtime.stop();
  Deno.exit();
});
util.init(settings);
await runtime.init(settings, createServer(), editor);
await runtime.start();
