import { once } from 'node:events';
import { connect, type ConnectionOptions, createServer, type TlsOptions } from 'node:tls';
import { type AdapterErrorDetails, tlsError } from '@score-crm/adapter-kit';
import { loopbackServer, tcpServer } from '@score-crm/adapter-kit/testing';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { freePort } from '../../../test/support/free-port.ts';

const coded = (code: string, message = 'It failed.'): Error => Object.assign(new Error(message), { code });
const codeOf = (error: unknown): string | undefined => tlsError(error)?.details.code;

describe('tlsError', () => {
  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate_untrusted'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate_untrusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate_untrusted'],
    ['UNABLE_TO_GET_ISSUER_CERT', 'certificate_untrusted'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate_untrusted'],
    ['CERT_REVOKED', 'certificate_untrusted'],
    ['INVALID_PURPOSE', 'certificate_untrusted'],
    ['CERT_HAS_EXPIRED', 'certificate_expired'],
    ['CERT_NOT_YET_VALID', 'certificate_expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate_name_mismatch'],
    ['HOSTNAME_MISMATCH', 'certificate_name_mismatch'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls_not_spoken'],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'tls_not_spoken'],
    ['ERR_TLS_HANDSHAKE_TIMEOUT', 'timeout'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls_failed'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'tls_failed'],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'tls_failed'],
    ['EPROTO', 'tls_failed'],
  ])('maps %s to %s', (code, expected) => {
    const details = tlsError(coded(code))?.details as AdapterErrorDetails;
    expect(details).toMatchObject({ stage: 'tls', code: expected });
    expect(details.hint).toMatch(/^[A-Z].*\.$/);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAUTH', 'UND_ERR_SOCKET', ''])(
    'ignores %j',
    (code) => {
      expect(tlsError(coded(code))).toBeUndefined();
    },
  );

  it.each([undefined, null, 'EPROTO', 7, {}, new Error('x')])('ignores %p', (error) => {
    expect(tlsError(error)).toBeUndefined();
  });

  it('uses the message if the code is not specific', () => {
    expect(codeOf(coded('EPROTO', 'error:0A00010B:SSL routines::wrong version number'))).toBe('tls_not_spoken');
    expect(
      codeOf(coded('ECONNRESET', 'Client network socket disconnected before secure TLS connection was established')),
    ).toBe('connection_closed');
  });

  it('uses the original code that nodemailer keeps', () => {
    const error = Object.assign(coded('ESOCKET'), { originalCode: 'CERT_HAS_EXPIRED' });
    expect(codeOf(error)).toBe('certificate_expired');
  });

  describe('for real handshakes', () => {
    let authority: TestAuthority;

    beforeAll(async () => {
      authority = await TestAuthority.create();
    });

    /** The code for connecting to a server with these options. */
    async function handshake(server: TlsOptions, client: ConnectionOptions = {}): Promise<string | undefined> {
      const running = await loopbackServer(createServer(server).on('tlsClientError', () => undefined));
      try {
        return codeOf(await failure({ port: running.port, ...client }));
      } finally {
        await running.close();
      }
    }

    async function failure(options: ConnectionOptions): Promise<unknown> {
      const socket = connect({ host: '127.0.0.1', servername: 'localhost', ...options });
      try {
        await once(socket, 'secureConnect');
        return undefined;
      } catch (error) {
        return error;
      } finally {
        socket.destroy();
      }
    }

    it('reports no error on success', async () => {
      expect(await handshake(await authority.issue(), { ca: authority.cert })).toBeUndefined();
    });

    it('reports an unknown authority', async () => {
      expect(await handshake(await authority.issue())).toBe('certificate_untrusted');
    });

    it('reports a chain with an unknown authority', async () => {
      const { key, cert } = await authority.issue();
      expect(await handshake({ key, cert: `${cert}\n${authority.cert}` })).toBe('certificate_untrusted');
    });

    it('reports an expired certificate', async () => {
      const certificate = await authority.issue({ expired: true });
      expect(await handshake(certificate, { ca: authority.cert })).toBe('certificate_expired');
    });

    it('reports a certificate of another host', async () => {
      const certificate = await authority.issue({ hosts: ['other.example'] });
      expect(await handshake(certificate, { ca: authority.cert })).toBe('certificate_name_mismatch');
    });

    it('reports incompatible versions', async () => {
      const certificate = await authority.issue();
      expect(await handshake({ ...certificate, maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' })).toBe('tls_failed');
    });

    it.each(['220 smtp.example.com ESMTP\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n'])(
      'reports a server that sends %j',
      async (greeting) => {
        const server = await tcpServer((socket) => socket.write(greeting));
        try {
          expect(codeOf(await failure({ port: server.port }))).toBe('tls_not_spoken');
        } finally {
          await server.close();
        }
      },
    );

    it('reports a server that closes the connection', async () => {
      const server = await tcpServer((socket) => socket.once('data', () => socket.end()));
      try {
        expect(codeOf(await failure({ port: server.port }))).toBe('connection_closed');
      } finally {
        await server.close();
      }
    });

    it('does not report a port without a listener', async () => {
      expect(codeOf(await failure({ port: await freePort() }))).toBeUndefined();
    });
  });
});
