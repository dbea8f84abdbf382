/** The line that signs in with psql, which then asks for the password. Safe to paste whatever the names are. */
export function psqlCommand(to: {
  host: string;
  port: number;
  user: string;
  database: string;
  sslmode: string;
}): string {
  const parts = { host: to.host, port: String(to.port), dbname: to.database, user: to.user, sslmode: to.sslmode };
  const conninfo = Object.entries(parts).map(([key, value]) => `${key}=${inConninfo(value)}`);
  return `psql ${inShell(conninfo.join(" "))}`;
}

// libpq, "Connection Strings": single quotes around, backslash before what is special.
function inConninfo(value: string): string {
  return /^[\w.:/-]+$/.test(value) ? value : `'${value.replaceAll(/['\\]/g, "\\$&")}'`;
}

function inShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
