import localFont from "next/font/local";

// Only what most pages need comes with them: Latin letters, sans in all weights, mono as ids and clock times use it.
// Letters of other European names are asked for by the browser when one occurs, in one weight, for they are few in a
// name; other scripts are the system's.
// The ranges are those of the packages' own style sheets.
export const sans = localFont({
  src: "../node_modules/@fontsource-variable/geist/files/geist-latin-wght-normal.woff2",
  variable: "--rc-sans",
  weight: "100 900",
});
export const sansMore = localFont({
  src: "../node_modules/@fontsource/geist/files/geist-latin-ext-500-normal.woff2",
  variable: "--rc-sans-more",
  weight: "100 900",
  preload: false,
  adjustFontFallback: false,
  declarations: [
    {
      prop: "unicode-range",
      value:
        "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF",
    },
  ],
});
export const mono = localFont({
  src: "../node_modules/@fontsource/geist-mono/files/geist-mono-latin-400-normal.woff2",
  variable: "--rc-mono",
  weight: "400",
  preload: false,
});
export const monoMore = localFont({
  src: "../node_modules/@fontsource/geist-mono/files/geist-mono-latin-ext-400-normal.woff2",
  variable: "--rc-mono-more",
  weight: "400",
  preload: false,
  adjustFontFallback: false,
  declarations: [
    {
      prop: "unicode-range",
      value:
        "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF",
    },
  ],
});
