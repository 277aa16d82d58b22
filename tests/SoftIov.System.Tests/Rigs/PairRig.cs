using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;

namespace SoftIov.SystemTests.Rigs;

/// <summary>
/// Two guests of different kernels with a VF each, shared by the tests that leave them as they were: booting is what costs.
/// Alpha (the stable kernel) has net0/0 and 10.0.0.1; beta (the newer one) has net0/1 and 10.0.0.2. VFs 2 and 3 are free,
/// 3 without MSI-X.
/// </summary>
public sealed class PairRig(BedFixture bed) : IAsyncLifetime
{
    internal const string AlphaAddress = "10.0.0.1";
    internal const string BetaAddress = "10.0.0.2";
    internal const string AlphaAddress6 = "fd00::1";
    internal const string BetaAddress6 = "fd00::2";

    internal Rig Rig { get; private set; } = null!;

    internal GuestNic Alpha { get; private set; } = null!;

    internal GuestNic Beta { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        Rig = await Rig.StartAsync(bed, "adapters: [{name: net0, totalVfs: 8, numVfs: 4, vfs: {3: {interrupts: intx}}}]");
        await Rig.RunAsync(async () =>
        {
            VirtualMachine[] machines = await Task.WhenAll(
                Rig.BootAsync(new VirtualMachineOptions { Name = "alpha" }, "net0/0"),
                Rig.BootAsync(new VirtualMachineOptions { Name = "beta", Kernel = GuestKernel.Newer }, "net0/1"));
            Alpha = await Rig.FindNicAsync(machines[0], "net0/0");
            Beta = await Rig.FindNicAsync(machines[1], "net0/1");
            await Alpha.UpAsync($"{AlphaAddress}/24", $"{AlphaAddress6}/64 nodad");
            await Beta.UpAsync($"{BetaAddress}/24", $"{BetaAddress6}/64 nodad");
        });
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (Rig is not null)
            await Rig.DisposeAsync();
    }
}
