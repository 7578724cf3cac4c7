import { ConnectionsModule } from '@score-crm/connections';
import { Module } from '@nestjs/common';
import { ConnectionTestsController } from './connection-tests.controller.ts';
import { ConnectionsController } from './connections.controller.ts';
import { LaunchCheckController } from './launch-check.controller.ts';
import { SenderDefaultsController } from './sender-defaults.controller.ts';

@Module({
  imports: [ConnectionsModule],
  controllers: [ConnectionsController, ConnectionTestsController, LaunchCheckController, SenderDefaultsController],
})
export class ConnectionsApiModule {}
