import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as kit from '@score-crm/adapter-kit';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The error code with which plain Node refuses to import, or `loaded`. */
function codeOfImport(specifier: string): string {
  const script = `import(${JSON.stringify(specifier)}).then(() => console.log('loaded'), (error) => console.log(error.code))`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8' }).trim();
}

describe('the package', () => {
  it.each(['src/index.ts', 'dist/index.js', 'src/http/http-client.ts', 'package.json'])(
    'does not export %s',
    (path) => {
      expect(codeOfImport(`@score-crm/adapter-kit/${path}`)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
    },
  );

  it('exports what adapters and applications use', () => {
    const names = [
      'ADAPTER_ERROR_CODES',
      'Adapter',
      'AdapterError',
      'EVENT_KINDS',
      'HttpClient',
      'HttpResponse',
      'IsHostname',
      'OutboundConnector',
      'OutboundPolicy',
      'STAGES',
      'SettingsField',
      'abortedError',
      'adapterIdentity',
      'createScrubber',
      'declaredFields',
      'describeFields',
      'isShown',
      'jsonPointer',
      'inputSchema',
      'statusError',
      'tlsError',
      'validateInput',
    ];
    expect(Object.keys(kit)).toEqual(expect.arrayContaining(names));
  });

  it('has no duplicate code or kind', () => {
    expect(new Set(kit.ADAPTER_ERROR_CODES).size).toBe(kit.ADAPTER_ERROR_CODES.length);
    expect(new Set(kit.EVENT_KINDS).size).toBe(kit.EVENT_KINDS.length);
  });
});
