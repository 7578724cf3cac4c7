import { ConnectionsModule } from '@score-crm/connections';
import { Module, type Type } from '@nestjs/common';
import * as adapters from '../adapters.ts';
import { VendorsController } from './vendors.controller.ts';

/** The adapters of all vendors in adapters.ts, and their description. */
@Module({
  imports: [ConnectionsModule],
  controllers: [VendorsController],
  providers: Object.values<Type>(adapters),
})
export class VendorsModule {}
