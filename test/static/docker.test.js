import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readConfiguration } from '../../dist/config/environment.js';

const newKey = () => `k1:${randomBytes(32).toString('base64')}`;

describe('the Dockerfile', () => {
  const text = readFileSync('docker/Dockerfile', 'utf8');

  it('builds and runs on one exact version of Node that the project supports', () => {
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    const versions = new Set(bases.map((base) => /^node:(\d+\.\d+\.\d+)-bookworm(-slim)?$/.exec(base)?.[1]));
    assert.equal(bases.length, 2);
    assert.equal(versions.size, 1);
    assert.match([...versions].join(), /^24\./);
  });

  it('runs the service in production mode, without the rights of root', () => {
    const [, image] = text.split(/^FROM .*-slim$/m);
    assert.match(image, /^ENV NODE_ENV=production$/m);
    assert.match(image, /^USER node$/m);
    assert.match(image, /^EXPOSE 3000$/m);
  });
});

describe('compose.yaml', () => {
  const text = readFileSync('docker/compose.yaml', 'utf8');
  const environment = Object.fromEntries(
    [...text.matchAll(/^ {6}([A-Z_]+): (.*)$/gm)].map(([, name, value]) => [name, value]),
  );

  it('starts nothing without its secrets, and contains none', () => {
    for (const name of ['DATABASE_PASSWORD', 'ENCRYPTION_KEYS', 'PUBLIC_URL']) {
      const uses = [...text.matchAll(new RegExp(`\\$\\{${name}(.{2})`, 'g'))].map(([, how]) => how);
      assert.deepEqual([...new Set(uses)], [':?']);
    }
    const secret = Object.keys(environment).filter((name) => /SECRET|KEY|PASSWORD|URL/.test(name));
    for (const name of secret.filter((one) => !/RANDOM/.test(one))) {
      assert.match(environment[name], /\$\{[A-Z_]+:[?-]/, name);
    }
  });

  it('passes the service variables that it accepts and the README explains', () => {
    const given = { DATABASE_PASSWORD: 'abc123', ENCRYPTION_KEYS: newKey(), PUBLIC_URL: 'https://a.example' };
    const names = Object.keys(environment).filter((name) => !name.startsWith('MARIADB_'));
    const filled = names.map((name) => {
      const value = environment[name].replace(/\$\{([A-Z_]+):[?-][^}]*\}/g, (_all, used) => given[used] ?? '');
      return [name, value];
    });
    const configuration = readConfiguration({ NODE_ENV: 'production', ...Object.fromEntries(filled) });
    const { host, username, password, database } = configuration.database;
    assert.deepEqual(
      { host, username, password, database },
      { host: 'database', username: 'connections', password: 'abc123', database: 'connections' },
    );
    assert.equal(configuration.publicUrl, 'https://a.example');
    assert.equal(configuration.deletedConnectionRetentionDays, 30);
    const readme = readFileSync('README.md', 'utf8');
    for (const name of names) assert.match(readme, new RegExp(`^\\| \`${name}\``, 'm'));
  });
});
