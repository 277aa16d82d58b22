using SoftIov.Api;
using SoftIov.Daemon.Planning;
using SoftIov.Pcie;

namespace SoftIov.Daemon.Composition;

/// <summary>
/// What makes an adapter one of its personality: the functions behind its PCIe side, what can be changed of them, and what is shown of them.
/// Changed by one thread at a time; each change is done whole or not at all.
/// </summary>
internal interface IAdapterPersonality : IDisposable
{
    /// <summary>What the PF is.</summary>
    IPersonality Physical { get; }

    /// <summary>What the VFs are.</summary>
    IVirtualFunctionFactory Virtuals { get; }

    /// <summary>What it was made from, with all that was changed since.</summary>
    AdapterSpec Spec { get; }

    /// <summary>Everything of the host that can fail to be there: called once, before anybody sees the adapter.</summary>
    void Start();

    /// <summary>Changes what the operator wants of a VF, enabled or not; who has its lease is not changed here.</summary>
    void ChangeVf(int vf, VfSpec wanted);

    /// <summary>The rings of an enabled VF that is served by vhost-user; null when it is served as the PCI function that it is.</summary>
    ServedRings? RingsOf(int vf) => null;

    /// <summary>Changes what only this personality has; what was done, for people.</summary>
    string Change(AdapterChange change);

    /// <summary>Runs <paramref name="make"/>, in which many VFs are touched for the first time.</summary>
    void MakeVfs(Action make);

    /// <summary>The adapter goes to one client whole, or comes back: what the former owner had changed for tests ends.</summary>
    void ChangeHands();

    /// <summary>The adapter as it is, around its functions.</summary>
    AdapterStatus Status(SoftwareAdapter adapter, IReadOnlyList<FunctionStatus> functions);

    /// <summary>The PF or an enabled VF as it is; null for a VF that a client of the adapter whole disabled just now.</summary>
    FunctionStatus? Status(SoftwareAdapter adapter, int? vf);

    /// <summary>Lines about the adapter that only this personality has.</summary>
    IEnumerable<DescribeRow> Rows();

    /// <summary>Sections about the adapter that only this personality has.</summary>
    IEnumerable<DescribeSection> Sections();

    /// <summary>Lines about a function that only this personality has.</summary>
    IEnumerable<DescribeRow> Rows(FunctionStatus function);

    /// <summary>Sections about a function that only this personality has.</summary>
    IEnumerable<DescribeSection> Sections(FunctionStatus function);
}
