using System.Globalization;
using System.Text;
using SoftIov.Lab.TestBed;

namespace SoftIov.SystemTests.Nvme;

/// <summary>Jobs of fio, all at once: each writes a region of its own with blocks of one size at one depth, and verifies it.</summary>
internal static class VerifiedJobs
{
    // Positions in a line of fio's terse output, version 3.
    private const int NameField = 2;
    private const int ErrorField = 4;
    private const int ReadField = 5;
    private const int WrittenField = 46;

    private const string Common =
        "[global]\nioengine=libaio\ndirect=1\nrw=randwrite\nverify=crc32c\nverify_fatal=1\nthread\n";

    private static readonly int[] Depths = [1, 4, 32, 128];
    private static readonly (string Block, int Kibibytes)[] Regions = [("512", 256), ("4k", 1024), ("64k", 2048), ("1m", 8192)];

    /// <summary>Bytes that the jobs cover, from the start of the disk.</summary>
    public static long Bytes { get; } = Depths.Length * Regions.Sum(region => (long)region.Kibibytes) << 10;

    /// <summary>Runs them on a disk of a guest with two CPUs, whose queues both get some; none may fail, and all must be read back.</summary>
    public static async Task RunAsync(VirtualMachine guest, string disk)
    {
        string said = await guest.CheckAsync(
            $"cat >/tmp/jobs <<'END'\n{Text()}END\nfio --filename={disk} --output-format=terse --terse-version=3 /tmp/jobs", TimeSpan.FromMinutes(5));
        string[][] jobs = [.. said.Split('\n').Where(line => line.StartsWith("3;", StringComparison.Ordinal)).Select(line => line.Split(';'))];
        var expected = from depth in Depths from region in Regions select $"{depth}-{region.Block}: 0 {region.Kibibytes} {region.Kibibytes}";
        var ended = jobs.Select(job => $"{job[NameField]}: {job[ErrorField]} {job[ReadField]} {job[WrittenField]}");
        Assert.Equal(expected, ended);
    }

    private static string Text()
    {
        var text = new StringBuilder(Common);
        int offset = 0;
        for (int i = 0; i < Depths.Length; i++)
        {
            foreach ((string block, int size) in Regions)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"[{Depths[i]}-{block}]\niodepth={Depths[i]}\nbs={block}\nsize={size}k\noffset={offset}k\ncpus_allowed={i & 1}\n");
                offset += size;
            }
        }

        return text.ToString();
    }
}
