export { ConnectionsTestingModule } from './connections-testing.module.ts';
export { type SimulatedEmail, SimulatedSettings, SimulatedVendor, WRONG_API_KEY } from './simulated-vendor.ts';
