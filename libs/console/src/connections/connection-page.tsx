import { Outlet } from '@tanstack/react-router';
export function ConnectionPage() {
  return <Outlet />;
}
