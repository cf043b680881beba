const CITIES =
  "Abéché|Abidjan|Accra|Århus|Asunción|Athína|Baile Átha Cliath|Bălți|Bogotá|Brașov|Brno|Cádiz|Chișinău|Córdoba|" +
  "Đà Nẵng|Düsseldorf|Edinburgh|Faro|Gdańsk|Genève|Göteborg|Gävle|Hà Nội|Hamburg|İzmir|Jönköping|Kraków|Köln|La Coruña|" +
  "Lomé|Łódź|Malmö|Medellín|México|Mérida|Montréal|München|Nouméa|Nuuk|Ōsaka|Ólafsvík|Panamá|Plzeň|Poznań|Québec|" +
  "Reykjavík|Rīga|San José|San Sebastián|São Paulo|Šiauliai|Sofia|St. John's|Tromsø|Tórshavn|Ürümqi|Valparaíso|Vilnius|" +
  "Wrocław|Xi'an|Yaoundé|Zürich|Αθήνα|София|Київ|Тбилиси|Երևան|ירושלים|القاهرة|दिल्ली|กรุงเทพ|東京|北京|서울";

const STEMS =
  "Alder Amber Ash Birch Black Bramble Cedar Clear Copper Crane Elm Fair Falcon Fern Glen Gold Hawk Hazel Heron High " +
  "Iron Juniper Lark Linden Long Maple Marsh Mill";
const ENDINGS = "|brook|by|dale|field|ford|gate|ham|haven|mere|port|stead|wick| Bay| Harbour| on the Wold";

/** How many stations the One Billion Row Challenge has. */
export const STATION_COUNT = 413;

/** Names of weather stations: 74 cities in several scripts, then made-up places. No `;`, 1 to 100 bytes each. */
export function stationNames(): string[] {
  const madeUp = STEMS.split(" ").flatMap((stem) => ENDINGS.split("|").map((ending) => stem + ending));
  return [...CITIES.split("|"), ...madeUp].slice(0, STATION_COUNT);
}
