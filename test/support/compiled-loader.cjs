const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { Script } = require('node:vm');

// Runs the bundle of the same name with what V8 has compiled of it; see compiled-service.ts.
const program = path.basename(__filename);
const scripts = new Map();

require.extensions['.cjs'] = (module, filename) => {
  const code = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'latin1')}\n})`;
  const cache = `${filename}.${program}.code-cache`;
  const script = new Script(code, { filename, ...(existsSync(cache) ? { cachedData: readFileSync(cache) } : {}) });
  scripts.set(cache, script);
  const run = script.runInThisContext();
  run.call(module.exports, module.exports, createRequire(filename), module, filename, path.dirname(filename));
};

if (process.env.KEEP_COMPILED === '1')
  process.on('exit', () => {
    for (const [cache, script] of scripts) writeFileSync(cache, script.createCachedData());
  });

require(path.join(__dirname, 'bundle', program));
