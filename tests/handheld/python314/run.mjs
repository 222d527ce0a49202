// Run a Python script in CPython 3.14 as WebAssembly: node run.mjs SCRIPT '{"/at": "folder"}' ARGUMENT...
import fs from "node:fs";
import { loadPyodide } from "pyodide";

const [script, folders, ...rest] = process.argv.slice(2);
const python = await loadPyodide();
for (const [at, root] of Object.entries(JSON.parse(folders))) {
  python.FS.mkdir(at);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, at);
}
python.globals.set("given", python.toPy({ path: Object.keys(JSON.parse(folders)), argv: ["-c", ...rest] }));
python.runPython("import sys; sys.dont_write_bytecode = True; sys.path[:0] = given['path']; sys.argv = given['argv']");
try {
  python.runPython(fs.readFileSync(script, "utf8"));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
