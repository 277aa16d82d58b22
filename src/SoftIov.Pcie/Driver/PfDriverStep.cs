namespace SoftIov.Pcie;

/// <summary>What the PF driver does just now; reported as progress.</summary>
public enum PfDriverStep
{
    /// <summary>Writes NumVFs and looks where the VFs will be.</summary>
    SetNumVfs,

    /// <summary>Sets VF Enable and VF MSE, then waits 100 ms.</summary>
    Enable,

    /// <summary>Reads the identity of the VFs and waits until they answer.</summary>
    ReadVfs,

    /// <summary>Clears VF Enable and VF MSE, then waits 1 s.</summary>
    Disable,

    /// <summary>All done.</summary>
    Done,
}
