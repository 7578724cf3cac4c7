export function TestTab() {
  return null;
}
