import { existsSync, readFileSync } from 'node:fs';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';
import { CODE_CACHE } from './bundled-dependencies.js';

const { SourceTextModule } = vm;
/** By file; undefined for a file that is not a bundle. */
const caches = new Map();

function codeCache(file) {
  if (!caches.has(file)) {
    const cache = `${file}${CODE_CACHE}`;
    caches.set(file, existsSync(cache) ? readFileSync(cache) : undefined);
  }
  return caches.get(file);
}

/** Compiles bundles once, not once for each test file: Jest creates the modules of a test file with this class. */
vm.SourceTextModule = class extends SourceTextModule {
  constructor(code, options) {
    const cachedData = options.identifier?.endsWith('.mjs') ? codeCache(options.identifier) : undefined;
    super(code, cachedData === undefined ? options : { ...options, cachedData });
  }
};

export default TestEnvironment;
