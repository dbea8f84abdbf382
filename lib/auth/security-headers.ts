export type Site = { secure: boolean; development: boolean };

/**
 * The Content Security Policy of a page (CSP level 3). Scripts run only with this answer's nonce. Style elements need
 * it too; style *attributes* are allowed, because Mantine and the charts set sizes and colours with them on the server:
 * they can carry no script, load nothing (`img-src` and `font-src` hold for them) and reach no other element.
 */
export function contentSecurityPolicy(nonce: string, site: Site): string {
  // React's development build explains errors with eval; the development server reloads by websocket and shows its own
  // panel, whose styles know no nonce.
  const styles = site.development ? "'unsafe-inline'" : `'nonce-${nonce}'`;
  const evaluation = site.development ? " 'unsafe-eval'" : "";
  const reload = site.development ? " ws:" : "";
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${evaluation}`,
    `style-src 'self' ${styles}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${reload}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    ...(site.secure ? ["upgrade-insecure-requests"] : []),
  ].join("; ");
}

/** The other headers of every answer. */
export function securityHeaders(site: Site): Record<string, string> {
  return {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    // "no-referrer" would make browsers send Origin: null with our own forms.
    "referrer-policy": "same-origin",
    "permissions-policy":
      "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), browsing-topics=(), " +
      "publickey-credentials-get=(self), publickey-credentials-create=(self)",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-store",
    ...(site.secure ? { "strict-transport-security": "max-age=63072000; includeSubDomains" } : {}),
  };
}
