import { checkInput, InputField, IsEmailAddress } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { AuditRepository } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import {
  type ErasureCounts,
  erasureDigest,
  type ErasureRow,
  ErasuresRepository,
  type ErasureState,
} from '../events/erasures.repository.ts';
import { InvalidInputError } from '../input/invalid-input.error.ts';
import { SecretCipher } from '../secrets/secret-cipher.ts';
import { erasureOwner, ErasureRunner } from './erasure-runner.ts';

/** Whose address is to be erased. */
export class EraseRecipientInput {
  @InputField({
    label: 'Recipient',
    help: 'The complete address, in any case and with the domain in either spelling.',
    example: 'ada@example.com',
  })
  @IsEmailAddress()
  recipient!: string;
}

/** The erasure of an address. The numbers are those since it was last requested. */
export interface Erasure extends ErasureCounts {
  readonly id: string;
  readonly state: ErasureState;
  readonly requestedAt: Date;
  readonly completedAt: Date | null;
}

/** The organization has no erasure with this id. */
export class ErasureNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor() {
    super('Erasure not found. Check the ID.');
  }
}

/** Erases the addresses of recipients of an organization, for data-protection requests: docs/data-protection.md. */
@Injectable()
export class ErasureService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly erasures: ErasuresRepository,
    private readonly audit: AuditRepository,
    private readonly cipher: SecretCipher,
    private readonly runner: ErasureRunner,
  ) {}

  /**
   * Starts an erasure, which continues after a restart, on any instance. An address that was erased before has the same
   * erasure again.
   * @throws InvalidInputError
   */
  async request(caller: Caller, input: EraseRecipientInput): Promise<Erasure> {
    const row = await this.store(caller, readRecipient(input));
    this.runner.start();
    return toErasure(row);
  }

  /** @throws ErasureNotFoundError */
  async get({ organization }: Caller, id: string): Promise<Erasure> {
    const row = await this.unitOfWork.read((tx) => this.erasures.find(tx, organization, id));
    if (row === null) throw new ErasureNotFoundError();
    return toErasure(row);
  }

  /**
   * Erases an address, and resolves when this has been done once. An instance of the application does it again two minutes
   * after the request, for what other instances have stored since.
   * @throws InvalidInputError, DatabaseUnavailableError
   */
  async erase(caller: Caller, recipient: string): Promise<Erasure> {
    const row = await this.store(caller, readRecipient({ recipient: recipient.trim() }), this.runner.lease());
    await this.runner.run(row);
    return this.get(caller, row.id);
  }

  private async store(
    caller: Caller,
    address: string,
    lease?: ReturnType<ErasureRunner['lease']>,
  ): Promise<ErasureRow> {
    const { organization } = caller;
    const digest = erasureDigest(organization, address);
    const { secrets } = await this.cipher.encrypt({ address }, erasureOwner({ organization, digest }));
    const request = { organization, digest, recipient: secrets, requestedAt: new Date() };
    return this.unitOfWork.write(async (tx) => {
      const row = await this.erasures.request(tx, request, lease);
      await this.audit.record(tx, caller, 'recipient.erase', row.id);
      return row;
    });
  }
}

/** @throws InvalidInputError */
function readRecipient(input: EraseRecipientInput): string {
  const { errors, valid } = checkInput(EraseRecipientInput, input);
  if (errors.length > 0) throw new InvalidInputError(errors);
  return (valid as EraseRecipientInput).recipient;
}

function toErasure(row: ErasureRow): Erasure {
  const { id, state, requestedAt, completedAt, events, bodies, deliveries, tests } = row;
  return { id, state, requestedAt, completedAt, events, bodies, deliveries, tests };
}
