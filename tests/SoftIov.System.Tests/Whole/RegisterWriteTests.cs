using System.Globalization;
using SoftIov.SystemTests.Bed;

namespace SoftIov.SystemTests.Whole;

/// <summary>
/// A guest's setpci on every register of root port, PF and a VF: what the specification lets software write takes it, what it does not
/// keeps its value, and the tree works as before.
/// </summary>
[Collection(BedCollection.Name)]
public sealed class RegisterWriteTests(NewerWholeRig rig) : IClassFixture<NewerWholeRig>
{
    /// <summary>
    /// In this order each bit is seen as 1 and as 0, and its neighbours otherwise; PowerState is D3hot or D0 and never what a function may
    /// ignore; VF Enable is off when ARI Capable Hierarchy changes.
    /// </summary>
    private static readonly uint[] Patterns = [0xFFFF_FFFF, 0x3C3C_3C3C, 0xC3C3_C3C3, 0];

    private WholeGuest Guest => rig.Guest;

    [Fact]
    public Task Every_register_of_the_root_port() => rig.Rig.RunAsync(async () =>
    {
        // Without a device below, since among the bits are its link and its reset.
        await Guest.CheckAsync("echo 0 >$P/$PF/sriov_numvfs; echo 1 >$P/$PF/remove; echo on >$P/$PORT/power/control");
        await WriteAllAsync("$PORT", RegisterRules.OfPort);
        await Guest.CheckAsync("echo 1 >/sys/bus/pci/rescan; test -e $P/$PF/driver");
        await CheckTreeAsync();
    });

    [Fact]
    public Task Every_register_of_the_pf() => rig.Rig.RunAsync(async () =>
    {
        await Guest.CheckAsync("echo 0 >$P/$PF/sriov_numvfs; echo $PF >$DRIVER/unbind");
        string port = await DumpAsync("$PORT");
        await WriteAllAsync("$PF", RegisterRules.OfPhysical);
        Assert.Equal(port, await DumpAsync("$PORT"));

        // System Page Size takes one supported size: 64 KiB, and 4 KiB again.
        string sizes = await Guest.CheckAsync("S=ECAP_SRIOV+20.l; setpci -s $PF $S=10 $S $S=1 $S");
        Assert.Equal((uint[])[0x10, 1], Values(sizes));
        await Guest.CheckAsync("echo $PF >$DRIVER/bind");
        await CheckTreeAsync();
    });

    [Fact]
    public Task Every_register_of_a_vf() => rig.Rig.RunAsync(async () =>
    {
        await Guest.EnableAsync(4);
        await Guest.ConnectAsync(0, 1);
        await Guest.CheckAsync("echo $(vf 3) >$DRIVER/unbind");
        string others = await DumpAsync("$PORT") + await DumpAsync("$PF") + await DumpAsync("$(vf 2)");
        await WriteAllAsync("$(vf 3)", RegisterRules.OfVirtual);
        Assert.Equal(others, await DumpAsync("$PORT") + await DumpAsync("$PF") + await DumpAsync("$(vf 2)"));
        await Guest.PingAsync(0, Guest.AddressOf(1));
        await Guest.CheckAsync("echo $(vf 3) >$DRIVER/bind");
        await Guest.PutAsync(3);
        await Guest.PingAsync(3, Guest.AddressOf(0));
    });

    [Fact]
    public Task Errors_that_are_logged_stay_until_software_writes_1_to_them() => rig.Rig.RunAsync(async () =>
    {
        // The kernel is not told, so it clears nothing itself. SERR# and parity: errors show in Status too.
        await Guest.EnableAsync(2);
        await Guest.CheckAsync("setpci -s $PORT ECAP_AER+2c.l=0; setpci -s $PF COMMAND=140:140");
        await rig.Rig.Daemon.CheckAsync("inject", "net0/1", "aer", "error=poisoned");
        await CheckClearedByOnesAsync("$(vf 1)", "STATUS", 0xC100, 0xF900);
        await CheckClearedByOnesAsync("$(vf 1)", "CAP_EXP+a.w", 0x0002, 0x000F);
        await CheckClearedByOnesAsync("$(vf 1)", "ECAP_AER+4.l", 1 << 12, uint.MaxValue);
        await CheckClearedByOnesAsync("$PORT", "1e.w", 0x4000, 0xF900);
        await CheckClearedByOnesAsync("$PORT", "ECAP_AER+30.l", 0x24, 0x7F);

        await rig.Rig.Daemon.CheckAsync("inject", "net0/pf", "aer", "error=poisoned");
        await rig.Rig.Daemon.CheckAsync("inject", "net0/pf", "aer", "error=bad-tlp");
        await CheckClearedByOnesAsync("$PF", "STATUS", 0xC100, 0xF900);
        await CheckClearedByOnesAsync("$PF", "CAP_EXP+a.w", 0x0003, 0x000F);
        await CheckClearedByOnesAsync("$PF", "ECAP_AER+4.l", 1 << 12, uint.MaxValue);
        await CheckClearedByOnesAsync("$PF", "ECAP_AER+10.l", 1 << 6, uint.MaxValue);
        await CheckClearedByOnesAsync("$PORT", "ECAP_AER+30.l", 0x25, 0x7F);
        await CheckClearedByOnesAsync("$PORT", "1e.w", 0x4000, 0xF900);
        await Guest.CheckAsync("setpci -s $PORT ECAP_AER+2c.l=7; setpci -s $PF COMMAND=0:140");
        await CheckTreeAsync();
    });

    /// <summary>Writes all patterns to all dwords, each restored before the next: what reads back keeps the rules.</summary>
    private async Task WriteAllAsync(string function, Func<byte[], IEnumerable<RegisterRule>> rulesOf)
    {
        string before = await DumpAsync(function);
        byte[] config = ConfigDump.Parse(before).Values.Single();
        Dictionary<int, RegisterRule> rules = rulesOf(config).ToDictionary(rule => rule.Offset);
        RegisterRule acting = rules.Values.SingleOrDefault(rule => rule.Acts != 0);
        string words = await Guest.CheckAsync($"""
            registers=$(for r in $(seq 0 4 4092); do printf '%x.l ' $r; done)
            set -- $(setpci -s {function} $registers)
            for r in $registers; do
                values='{Words(Patterns)}'; [ $r != {acting.Offset:x}.l ] || values='{Words(Patterns.Select(pattern => pattern & ~acting.Acts))}'
                for v in $values; do echo $r=$v $r; done
                echo $r=$1; shift
            done >/tmp/writes
            setpci -s {function} $(cat /tmp/writes)
            """);
        uint[] read = Values(words);
        Assert.Equal(config.Length, read.Length);
        var broken = new List<string>();
        for (int at = 0; at < config.Length; at += sizeof(uint))
        {
            RegisterRule rule = rules.GetValueOrDefault(at);
            uint value = BitConverter.ToUInt32(config, at);
            for (int i = 0; i < Patterns.Length; i++)
            {
                value = (value & ~rule.Writable) | (Patterns[i] & rule.Writable);
                if (((read[at + i] ^ value) & ~rule.Follows) != 0)
                    broken.Add($"{at:x3}: {Patterns[i]:x8} reads {read[at + i]:x8}, not {value:x8}");
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
        Assert.Equal(before, await DumpAsync(function));
    }

    private async Task CheckClearedByOnesAsync(string function, string register, uint errors, uint clearable)
    {
        uint first = errors & (0 - errors);
        string words = await Guest.CheckAsync(
            $"setpci -s {function} {register} {register}=0 {register} {register}={~errors & clearable:x} {register} " +
            $"{register}={first:x} {register} {register}={errors:x} {register}");
        Assert.Equal([errors, errors, errors, errors & ~first, 0], Values(words).Select(value => value & clearable));
    }

    private Task<string> DumpAsync(string function) => Guest.CheckAsync($"lspci -xxxx -s {function}");

    private async Task CheckTreeAsync()
    {
        await Guest.EnableAsync(4);
        await Guest.ConnectAsync(0, 3);
    }

    private static uint[] Values(string words) =>
        [.. words.TrimEnd().Split('\n').Select(word => uint.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];

    private static string Words(IEnumerable<uint> values) =>
        string.Join(' ', values.Select(value => value.ToString("x8", CultureInfo.InvariantCulture)));
}
