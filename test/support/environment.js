import { existsSync, readFileSync } from 'node:fs';
import vm from 'node:vm';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { TestEnvironment } from 'jest-environment-node';
import { CODE_CACHE, DYNAMIC_IMPORT } from './bundled-dependencies.js';

const { SourceTextModule } = vm;
/** By file, what V8 has compiled of its code; undefined for code that cannot be compiled before. */
const compiled = new Map();

/** What was compiled of a bundle when it was written. */
function codeCache(file) {
  const cache = `${file}${CODE_CACHE}`;
  return existsSync(cache) ? readFileSync(cache) : undefined;
}

/** Compiles modules once for each worker, not once for each test file: Jest creates the modules of a test file with this class. */
vm.SourceTextModule = class extends SourceTextModule {
  constructor(code, options) {
    const file = options.identifier ?? '';
    if (file.endsWith('.mjs') && !compiled.has(file)) compiled.set(file, { code, cachedData: codeCache(file) });
    const known = compiled.get(file);
    // Jest that watches loads files that have changed.
    const cachedData = known?.code === code ? known.cachedData : undefined;
    super(code, cachedData === undefined ? options : { ...options, cachedData });
    if (known === undefined)
      compiled.set(file, { code, cachedData: DYNAMIC_IMPORT.test(code) ? undefined : this.createCachedData() });
  }
};

/** By the schemas of a document, the compiled ones and their compiler. */
const compiledSchemas = new Map();

/**
 * Compiles a JSON schema once for all test files of a worker: the schemas of all responses take longer than most tests.
 * @param document the schema with the id `openapi` that others refer to, as JSON
 * @param schema as JSON
 */
function compileSchema(document, schema) {
  let known = compiledSchemas.get(document);
  if (known === undefined) {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema(JSON.parse(document));
    known = { ajv, validators: new Map() };
    compiledSchemas.set(document, known);
  }
  const { ajv, validators } = known;
  let validate = validators.get(schema);
  if (validate === undefined) {
    validate = ajv.compile(JSON.parse(schema));
    validators.set(schema, validate);
  }
  return validate;
}

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.compileSchema = compileSchema;
  }
}
