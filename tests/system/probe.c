/* Stands in for the agent when the emulated switch itself is under test: prints what Linux sees
 * of flash and EEPROMs, then answers every datagram on port 5683 with its own bytes.
 *
 *   mtd NUMBER LABEL SIZE CRC32     one line for each whole chip
 *   part BUS-ADDRESS SIZE CRC32     one line for each EEPROM that answers
 *   argument TEXT                   one line for each argument
 *   note TEXT                       the first line of the file note of the working folder
 *   starts COUNT                    how often this ran on this flash
 *   ready SECONDS                   since the kernel's start
 *
 * "end" on the console ends it (and so the machine). */
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT      5683
#define CHUNK_LEN 65536

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_BOOTTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint32_t table[256]; /* CRC-32 of IEEE 802.3, as cksum's cousins print it */

static void make_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ 0xedb88320U : c >> 1;
        table[i] = c;
    }
}

/* Prints size and CRC-32 of the file behind path; 0 bytes when it cannot be read. */
static void print_content(const char *path)
{
    static unsigned char chunk[CHUNK_LEN];
    uint32_t crc = 0xffffffffU;
    unsigned long long size = 0;
    int fd = open(path, O_RDONLY);
    ssize_t got = 0;

    while (fd >= 0 && (got = read(fd, chunk, sizeof chunk)) > 0) {
        for (ssize_t i = 0; i < got; i++)
            crc = table[(crc ^ chunk[i]) & 0xff] ^ crc >> 8;
        size += (unsigned long long)got;
    }
    if (fd >= 0)
        (void)close(fd);
    printf("%llu %08x %.2f\n", size, (unsigned)~crc, now());
}

static void list_mtd(void)
{
    FILE *list = fopen("/proc/mtd", "r");
    char line[256], name[64], path[32];
    unsigned number;

    while (list && fgets(line, sizeof line, list)) {
        if (sscanf(line, "mtd%u: %*x %*x \"%63[^\"]\"", &number, name) != 2 ||
            strncmp(name, "flash", 5) != 0)
            continue;
        (void)snprintf(path, sizeof path, "/dev/mtd%u", number);
        printf("mtd %u %s ", number, name);
        print_content(path);
    }
    if (list)
        (void)fclose(list);
}

static void list_parts(void)
{
    DIR *dir = opendir("/sys/bus/i2c/devices");
    struct dirent *entry;
    char path[512];

    while (dir && (entry = readdir(dir)) != NULL) {
        (void)snprintf(path, sizeof path, "/sys/bus/i2c/devices/%s/eeprom", entry->d_name);
        if (access(path, R_OK) != 0)
            continue;
        printf("part %s ", entry->d_name);
        print_content(path);
    }
    if (dir)
        (void)closedir(dir);
}

/* Proves that the working folder comes from flash and that what is written there stays. */
static void use_data(void)
{
    char note[128] = "";
    int starts = 0;
    FILE *file = fopen("note", "r");

    if (file && fgets(note, sizeof note, file))
        printf("note %s", note);
    if (file)
        (void)fclose(file);
    file = fopen("starts", "r");
    if (file) {
        if (fscanf(file, "%d", &starts) != 1)
            starts = 0;
        (void)fclose(file);
    }
    file = fopen("starts", "w");
    if (file) {
        (void)fprintf(file, "%d\n", ++starts);
        (void)fclose(file);
    }
    printf("starts %d\n", starts);
}

int main(int argc, char **argv)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct sockaddr_in peer;
    char bytes[1500];
    int udp = socket(AF_INET, SOCK_DGRAM, 0);

    make_table();
    for (int i = 1; i < argc; i++)
        printf("argument %s\n", argv[i]);
    use_data();
    list_mtd();
    list_parts();
    if (udp < 0 || bind(udp, (struct sockaddr *)&any, sizeof any) != 0)
        return 1;
    printf("ready %.2f\n", now());
    for (;;) {
        struct pollfd wait[] = {{.fd = udp, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
        socklen_t len = sizeof peer;

        if (poll(wait, 2, -1) < 0)
            return 1;
        if (wait[0].revents & POLLIN) {
            ssize_t got = recvfrom(udp, bytes, sizeof bytes, 0, (struct sockaddr *)&peer, &len);
            if (got > 0)
                (void)sendto(udp, bytes, (size_t)got, 0, (struct sockaddr *)&peer, len);
        }
        if (wait[1].revents & POLLIN) {
            if (!fgets(bytes, sizeof bytes, stdin) || strncmp(bytes, "end", 3) == 0)
                return 0;
        }
    }
}
