import { generate } from 'selfsigned';

/** A key and its certificate, both PEM. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate authority that exists for the length of a test. */
export class TestAuthority {
  private constructor(private readonly own: TestCertificate) {}

  static async create(): Promise<TestAuthority> {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'Test authority' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    });
    return new TestAuthority({ key, cert });
  }

  /** The authority's own certificate, PEM. */
  get cert(): string {
    return this.own.cert;
  }

  /** A server certificate for localhost and 127.0.0.1, valid from yesterday until tomorrow. */
  issue(options: { readonly hosts?: readonly string[]; readonly expired?: boolean } = {}): Promise<TestCertificate> {
    const { hosts = ['localhost'], expired = false } = options;
    const altNames = hosts.map((value) => ({ type: 2 as const, value }));
    const loopback = options.hosts === undefined ? [{ type: 7 as const, ip: '127.0.0.1' }] : [];
    return this.sign(String(hosts[0]), [...altNames, ...loopback], expired ? -1 : 1);
  }

  private async sign(
    name: string,
    altNames: ({ type: 2; value: string } | { type: 7; ip: string })[],
    lastDay: number,
  ): Promise<TestCertificate> {
    const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notBeforeDate: daysFromNow(lastDay - 2),
      notAfterDate: daysFromNow(lastDay),
      ca: this.own,
      extensions: [
        { name: 'basicConstraints', cA: false },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames },
      ],
    });
    return { key, cert };
  }
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}
