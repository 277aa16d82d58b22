using SoftIov.Devices.Nvme;
using SoftIov.Lab.Nvme;
using SoftIov.Tests.Devices.Nvme.Subsystem;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>
/// A PF's controller with a disk on queue pair 1, completion queue 2 without a submission queue, a namespace that is attached to nobody, and
/// four VFs that are managed, the first two enabled. A command that is malformed is tried on it, after which it has to be as healthy as before.
/// </summary>
internal sealed class MalformedBench : IDisposable
{
    public const int Page = 4096;
    public const uint MostNamespaces = 8;
    public const int Pairs = 8;

    private static readonly SubsystemSettings Settings = SubsystemFixture.Default with
    {
        VfMode = VfMode.Managed, FlexibleQueues = 12, FlexibleInterrupts = 12, VfQueues = 8, VfInterrupts = 8, PrimaryResetKeepsSecondaries = false,
    };

    public MalformedBench()
    {
        Rig = ControllerRig.Enabled(settings: Settings);
        Rig.Subsystem.Secondaries.VfsEnabled(2);
        Disk = Rig.AddDisk();
        Rig.Driver.Admin.Create(Rig.Driver.MakeCompletions(2, 8)).Check("create");
        Rig.Driver.Admin.CreateNamespace(2048).Check("create");
    }

    public ControllerRig Rig { get; }

    public NamespaceClient Disk { get; }

    public AdminClient Admin => Rig.Driver.Admin;

    /// <summary>The disk's.</summary>
    public uint Id => Disk.NamespaceId;

    /// <summary>Of a namespace that is there and attached to nobody.</summary>
    public uint Detached => Id + 1;

    public ulong Data => Disk.DataAddress;

    /// <summary>An I/O command.</summary>
    public CompletionEntry Io(in SubmissionEntry command) => Disk.Execute(command);

    /// <summary>Creation of a completion queue that is well-formed but for what the caller changes.</summary>
    public SubmissionEntry CreateCompletions(int id = 3, int size = 8, int vector = 1) =>
        AdminCommand.CreateCompletionQueue(id, size, Rig.Memory.Allocate(64 * Page, Page), vector, interrupts: true);

    /// <summary>Creation of a submission queue, likewise.</summary>
    public SubmissionEntry CreateQueue(int id = 2, int size = 8, int completions = 2) =>
        AdminCommand.CreateSubmissionQueue(id, size, Rig.Memory.Allocate(64 * Page, Page), completions);

    /// <summary>A command of Namespace Management with data of the caller's.</summary>
    public CompletionEntry Create(ulong size, ulong capacity, byte format = 0, byte commandSet = 0, byte protection = 0)
    {
        byte[] data = new byte[Page];
        BitConverter.TryWriteBytes(data, size);
        BitConverter.TryWriteBytes(data.AsSpan(8), capacity);
        data[26] = format;
        data[29] = protection;
        return Admin.Send(AdminCommand.NamespaceManagement(0) with { Dword11 = (uint)commandSet << 24 }, data);
    }

    /// <summary>Runs a row, and sees that nothing is broken after it.</summary>
    public static void Check(string expected, Func<MalformedBench, CompletionEntry> send)
    {
        using var bench = new MalformedBench();
        Assert.Equal(expected, send(bench).Status.ToString());
        Assert.False(bench.Rig.Driver.Registers.Status.IsFatal);
        Assert.Equal(0, bench.Rig.Function.Counters.FatalErrors);
        bench.Admin.IdentifyController();
        if (bench.Rig.Function.Status.IoQueues > 0)
            bench.Io(NvmCommand.Verify(bench.Id, 0, 1)).Check("verify");
    }

    public void Dispose() => Rig.Dispose();
}
