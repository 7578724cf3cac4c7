import { Injectable } from '@nestjs/common';
import { SealedConnectionsRepository } from '../persistence/sealed-connections.repository.ts';
import { UnitOfWork } from '../persistence/unit-of-work.ts';
import { SecretSealer } from './secret-sealer.ts';
import { SecretsUnreadableError } from './secrets-unreadable.error.ts';

export interface ResealReport {
  readonly resealed: number;
  /** Changed by somebody else meanwhile; run the command once more. */
  readonly skipped: number;
  /** Ids of connections that no configured key opens. They were left as they are. */
  readonly unreadable: readonly string[];
}

const PAGE = 100;

/** Seals everything with the newest key, so that an older one can be thrown away. */
@Injectable()
export class ResealService {
  constructor(
    private readonly sealer: SecretSealer,
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: SealedConnectionsRepository,
  ) {}

  async resealAll(): Promise<ResealReport> {
    const { mark } = this.sealer.ring.newest;
    const unreadable: string[] = [];
    let resealed = 0;
    let skipped = 0;
    let after = '';
    for (;;) {
      const rows = await this.unitOfWork.read((tx) => this.repository.nextNotSealedWith(tx, mark, after, PAGE));
      for (const row of rows) {
        after = row.id;
        try {
          const sealed = await this.sealer.seal(await this.sealer.open(row.secrets ?? '', row), row);
          const replaced = await this.unitOfWork.write((tx) => this.repository.replaceSealed(tx, row, sealed));
          if (replaced) resealed++;
          else skipped++;
        } catch (error) {
          if (!(error instanceof SecretsUnreadableError)) throw error;
          unreadable.push(row.id);
        }
      }
      if (rows.length < PAGE) return { resealed, skipped, unreadable };
    }
  }
}
