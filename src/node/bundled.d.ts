/** A file and all that it imports, as the text of one ES module: vite.config.ts makes it. */
declare module '*?bundled' {
  const code: string;
  export default code;
}
