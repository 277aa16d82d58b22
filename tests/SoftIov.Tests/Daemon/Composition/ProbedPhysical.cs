using SoftIov.Lab.VfioUser;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Tests.Daemon.Composition;

/// <summary>The PF of an adapter that a client has whole, found as an operating system does: what is written to its SR-IOV capability.</summary>
internal sealed class ProbedPhysical
{
    private readonly ConfigPort _pf;
    private readonly int _sriov;

    private ProbedPhysical(ConfigPort pf)
    {
        _pf = pf;
        _sriov = pf.FindExtended(0x10);
    }

    /// <summary>NumVFs.</summary>
    public ushort NumVfs
    {
        set => _pf.Write16(_sriov + 0x10, value);
    }

    /// <summary>SR-IOV Control.</summary>
    public ushort Control
    {
        get => _pf.Read16(_sriov + 0x08);
        set => _pf.Write16(_sriov + 0x08, value);
    }

    /// <summary>Gives the bus its number and finds the PF on it.</summary>
    public static async Task<ProbedPhysical> FindAsync(VfioUserClient client)
    {
        var access = new ClientConfigAccess(client);
        await new PfDriver(access, RootComplex.PortId(0), TimeProvider.System).ProbeAsync(CancellationToken.None);
        return new ProbedPhysical(new ConfigPort(access, new RequesterId(0x0100)));
    }
}
