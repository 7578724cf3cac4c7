import { ConnectionsModule } from '@score-crm/connections';
import { Module, type Type } from '@nestjs/common';
import * as adapters from '../adapters.ts';

/** The adapters of all vendors in adapters.ts. */
@Module({ imports: [ConnectionsModule], providers: Object.values<Type>(adapters) })
export class VendorsModule {}
