/**
 * The name of a grant's short-lived account: whose it is, for those who read it in the system, and enough of the grant's
 * id to be nobody else's. Lower case letters, digits and underscores, at most 40 characters: a plain name everywhere.
 */
export function issuedName(subject: { name: string; email: string | null }, grantId: string): string {
  const from = (subject.email?.split("@")[0] ?? subject.name).normalize("NFKD").toLowerCase();
  const who =
    from
      .replaceAll(/[^a-z0-9]+/g, "_")
      .replaceAll(/^_+|_+$/g, "")
      .slice(0, 20) || "somebody";
  return `rc_${who}_${grantId.replaceAll("-", "").slice(-14)}`;
}
