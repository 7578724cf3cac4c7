// Jest's transformer for `npm run mutations`: that of the tests, after the replacement in the variable MUTATION.
import swc from '@swc/jest';

/** @type {{ file?: string, find?: string, replace?: string }} */
const { file, find = '', replace = '' } = JSON.parse(process.env.MUTATION ?? '{}');

function mutated(source, path) {
  return path === file ? source.replace(find, () => replace) : source;
}

export function createTransformer(options) {
  const transformer = swc.createTransformer(options);
  const of =
    (method) =>
    (source, path, ...rest) =>
      transformer[method](mutated(source, path), path, ...rest);
  return { ...transformer, process: of('process'), processAsync: of('processAsync'), getCacheKey: of('getCacheKey') };
}

export default { createTransformer };
