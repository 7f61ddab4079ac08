@none
# Without a policy nobody may do anything to this tenant's agents but the tenant itself.
$ mosaic policy check --mosaic-home {folder}/policy
! mosaic: there is no policy at {folder}/policy/fleet/policy.yaml: nobody may do anything there but the tenant itself
! hint: begin with one that lets nobody do anything: echo 'grants: []' > {folder}/policy/fleet/policy.yaml
? 1

# A question that can't be understood says what it should be.
$ mosaic policy explain ada Send team-a/alpha/lead --mosaic-home {folder}/policy
! mosaic: not somebody's name: "ada"
! hint: write user/ada, agent/ci, tenant/team-a/user/ada, aggregator/<id>, or the URI of a certificate
? 2

$ mosaic policy explain user/ada Send Team_A --mosaic-home {folder}/policy
! mosaic: not what something is done to: "Team_A"
! hint: write tenant/host/agent, tenant/host or tenant
? 2
