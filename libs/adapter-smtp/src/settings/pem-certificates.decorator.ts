import { X509Certificate } from 'node:crypto';
import { registerDecorator } from 'class-validator';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Accepts one or more X.509 certificates in PEM form, and nothing else. */
export function IsPemCertificates(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isPemCertificates',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: isPemCertificates,
        defaultMessage: () =>
          '$property must contain only certificates in PEM form, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----',
      },
    });
  };
}

function isPemCertificates(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const certificates = value.match(CERTIFICATE) ?? [];
  // A private key pasted with its certificate must not be stored as if it were public.
  return certificates.length > 0 && value.replace(CERTIFICATE, '').trim() === '' && certificates.every(isCertificate);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
