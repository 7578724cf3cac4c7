// Who may import whom. The same rules as in ARCHITECTURE.md; test/static/architecture.test.js plants a violation of each.

/** The folders of libs/connections/src. Each one may import those before it, and none after it. */
const SLICES = [
  'errors',
  'input',
  'telemetry',
  'options',
  'adapters',
  'database',
  'audit',
  'secrets',
  'idempotency',
  'connections',
  'keys',
  'usages',
  'sequence',
  'events',
  'feed',
  'stats',
  'suppression',
  'diagnosis',
  'sending',
  'webhooks',
  'deliveries',
  'outgoing',
  'retention',
];

export default {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    ...SLICES.slice(0, -1).map((slice, index) => ({
      name: 'slices-in-one-direction',
      severity: 'error',
      from: { path: `^libs/connections/src/${slice}/` },
      to: { path: `^libs/connections/src/(${SLICES.slice(index + 1).join('|')})/` },
    })),
    {
      name: 'slices-in-one-direction',
      severity: 'error',
      // The module for tests of applications contains all slices, as the entry of the package does. Terminus has an entry of its own.
      from: { path: '^libs/connections/src/[^/]+/', pathNot: '^libs/connections/src/(testing|terminus)/' },
      to: {
        path: '^libs/connections/src/',
        pathNot: `^libs/connections/src/(${SLICES.join('|')})/`,
      },
    },
    {
      name: 'no-folder-cycle-in-the-service',
      severity: 'error',
      scope: 'folder',
      from: { path: '^src/' },
      to: { path: '^src/', circular: true },
    },
    {
      name: 'no-folder-cycle-in-the-kit',
      severity: 'error',
      scope: 'folder',
      from: { path: '^libs/adapter-kit/src/' },
      to: { path: '^libs/adapter-kit/src/', circular: true },
    },
    {
      name: 'no-folder-cycle-in-the-api',
      severity: 'error',
      scope: 'folder',
      from: { path: '^libs/connections-http/src/' },
      to: { path: '^libs/connections-http/src/', circular: true },
    },
    {
      name: 'kit-depends-on-nothing-of-ours',
      severity: 'error',
      from: { path: '^libs/adapter-kit/src' },
      to: { path: '^(src|libs/(?!adapter-kit/)[^/]+)/' },
    },
    {
      name: 'adapter-depends-on-the-kit-alone',
      severity: 'error',
      from: { path: '^libs/(adapter-(?!kit/)[^/]+)/src' },
      to: { path: '^(src|libs/(?!adapter-kit/)[^/]+)/', pathNot: '^libs/$1/' },
    },
    {
      name: 'connections-names-no-vendor-and-no-http',
      severity: 'error',
      from: { path: '^libs/connections/src' },
      to: {
        path: `^(src|libs/(connections-http|adapter-(?!kit/)[^/]+))/|node_modules/(@nestjs/(platform-|swagger)|fastify|@fastify|express)`,
      },
    },
    {
      name: 'api-names-no-vendor-and-no-platform',
      severity: 'error',
      from: { path: '^libs/connections-http/src' },
      to: {
        path: `^(src|libs/(console|adapter-(?!kit/)[^/]+))/|node_modules/(@nestjs/platform-|fastify|@fastify|express)`,
      },
    },
    { name: 'nothing-imports-the-service', severity: 'error', from: { path: '^libs/' }, to: { path: '^src/' } },
    {
      name: 'vendors-only-in-adapters.ts',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/adapters\\.ts$' },
      to: { path: '^libs/adapter-(?!kit/)' },
    },
    {
      name: 'sandbox-depends-on-the-kit-sandbox-alone',
      severity: 'error',
      from: { path: '^libs/([^/]+)/sandbox/' },
      to: {
        path: '^(src|libs|scripts|test)/',
        pathNot: '^libs/($1/sandbox/|adapter-kit/src/sandbox/index\\.ts$)',
      },
    },
    {
      name: 'no-sandbox-in-production',
      severity: 'error',
      from: {
        path: '^(src|libs/[^/]+/src)/',
        pathNot: '^libs/(adapter-kit/src/(sandbox|testing)|connections/src/testing)/',
      },
      to: { path: '^(libs/(adapter-kit/src|[^/]+)/sandbox|scripts)/' },
    },
    {
      name: 'typeorm-only-in-repositories',
      severity: 'error',
      from: {
        path: '^(src|libs/[^/]+/src)/',
        pathNot: [
          '^(src/(auth/)?database|libs/connections/src/database)/',
          '^libs/connections/src/(entities|options/connections\\.module-options|testing/connections-testing\\.module)\\.ts$',
          '^libs/connections/src/[^/]+/[^/]+(\\.repository|-row)\\.ts$',
        ],
      },
      to: { path: 'node_modules/typeorm/' },
    },
    {
      name: 'packages-only-by-their-entry',
      severity: 'error',
      from: { path: '^(src|libs/([^/]+))/' },
      to: { path: '^libs/([^/]+)/(?!src/(index|testing/index|sandbox/index)\\.ts$)', pathNot: '^libs/$2/' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@score-crm/source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.d.ts'],
    },
  },
};
