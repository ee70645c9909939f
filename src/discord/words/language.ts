/** Languages that Verne speaks. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Of a locale as Discord names it (`en-GB`, `de`); English where Verne does not speak the one that is asked for. */
export function languageOf(locale: string | undefined | null): Language {
  const tongue = locale?.split('-')[0];
  return LANGUAGES.find((language) => language === tongue) ?? 'en';
}
