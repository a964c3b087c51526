/** The versions of Home Assistant whose schemas tests run. */

/** Home Assistant's own schemas, in the newest version for a Python, and the packages that they import. */
interface HomeAssistantPackages {
  /** The oldest Python 3 that the version runs on, as the number behind the point. */
  readonly python: number;
  readonly version: string;
  readonly packages: readonly string[];
}

/** The newest first. 2025.4 knows device messages; 2024.3 is the last one for the Python of Debian 12. */
export const HOME_ASSISTANTS: readonly HomeAssistantPackages[] = [
  {
    python: 13,
    version: "2025.4.4",
    packages: [
      ...["aiohttp==3.11.16", "aiohttp_cors==0.7.0", "aiohttp-fast-zlib==0.3.0", "annotatedyaml==1.0.2"],
      ...["astral==3.2", "atomicwrites-homeassistant==1.4.1", "attrs==25.1.0", "awesomeversion==24.6.0"],
      ...["bcrypt==5.0.0", "cronsim==2.8", "cryptography==44.0.1", "httpx==0.28.1", "ifaddr==0.2.0"],
      ...["janus==2.0.0", "Jinja2==3.1.6", "lru-dict==1.4.1", "orjson==3.13.0", "paho-mqtt==2.1.0"],
      ...["propcache==0.5.4", "PyJWT==2.10.1", "python-slugify==9.2.0", "PyYAML==6.0.2", "requests==2.34.2"],
      ...["SQLAlchemy==2.1.9", "typing-extensions==4.16.0", "ulid-transform==2.2.9", "voluptuous==0.15.2"],
      ...["voluptuous-openapi==0.4.1", "voluptuous-serialize==2.6.0", "yarl==1.25.1"],
    ],
  },
  {
    python: 11,
    version: "2024.3.3",
    packages: [
      ...["aiohttp==3.9.3", "aiohttp-cors==0.7.0", "aiohttp-fast-url-dispatcher==0.3.0"],
      ...["aiohttp-zlib-ng==0.3.1", "astral==2.2", "async-interrupt==1.1.1"],
      ...["atomicwrites-homeassistant==1.4.1", "attrs==23.2.0", "awesomeversion==24.2.0", "bcrypt==4.1.2"],
      ...["cryptography==42.0.5", "httpx==0.27.0", "ifaddr==0.2.0", "janus==1.0.0", "Jinja2==3.1.3"],
      ...["lru-dict==1.3.0", "orjson==3.9.15", "paho-mqtt==2.2.0", "PyJWT==2.8.0", "python-slugify==8.0.4"],
      ...["PyYAML==6.0.1", "requests==2.31.0", "typing-extensions==4.16.0", "ulid-transform==0.9.0"],
      ...["voluptuous==0.13.1", "voluptuous-serialize==2.6.0", "yarl==1.9.4"],
    ],
  },
];
